using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerlessSync.PubSubEmulator.Connections;
using ServerlessSync.PubSubEmulator.Rest;
using ServerlessSync.PubSubEmulator.Tokens;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator;

/// <summary>Adds the emulator of Azure Web PubSub to a web application.</summary>
public static class PubSubEmulatorExtensions
{
    /// <summary>
    /// Registers the emulator. Events go to a registered <see cref="IUpstream"/>; without one, to <see
    /// cref="PubSubOptions.UpstreamTemplates"/> in turn; without either, they are discarded.
    /// </summary>
    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    public static IServiceCollection AddPubSubEmulator(this IServiceCollection services, PubSubOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(CreateUpstream);
        services.AddSingleton(options);
        services.AddSingleton<PubSubService>();
        services.AddSingleton<UpstreamDelivery>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<TokenAudience>();
        services.AddSingleton<ClientCredentials>();
        services.AddSingleton<EventStamp>();
        services.AddSingleton<BackgroundWork>();
        services.AddSingleton<Handshake>();
        services.AddSingleton<ClientEndpoint>();
        services.AddSingleton<RestPipeline>();
        services.AddHostedService<Shutdown>();
        return services;
    }

    /// <summary>
    /// Maps the client endpoints <c>/client/hubs/{hub}</c> and <c>/client/?hub=</c>, and the data plane under <c>/api/hubs/{hub}</c>
    /// and <c>/api/health</c>.
    /// </summary>
    public static IEndpointRouteBuilder MapPubSubEmulator(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = endpoints.ServiceProvider.GetRequiredService<PubSubOptions>();
        var client = endpoints.ServiceProvider.GetRequiredService<ClientEndpoint>();
        var branch = endpoints.CreateApplicationBuilder();
        branch.UseWebSockets(new WebSocketOptions { KeepAliveInterval = options.KeepAliveInterval });
        branch.Run(client.HandleAsync);
        var pipeline = branch.Build();
        endpoints.Map("/client/hubs/{hub}", pipeline);
        endpoints.Map("/client", pipeline);
        RestRoutes.Map(endpoints);
        return endpoints;
    }

    private static IUpstream CreateUpstream(IServiceProvider services)
    {
        var options = services.GetRequiredService<PubSubOptions>();
        return options.UpstreamTemplates.Count == 0
            ? new NoUpstream()
            : new UpstreamRotation([
                .. options.UpstreamTemplates.Select(template => ActivatorUtilities.CreateInstance<HttpUpstream>(services, template)),
            ]);
    }
}
