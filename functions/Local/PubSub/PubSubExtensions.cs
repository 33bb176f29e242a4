using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerlessSync.Core.Events;
using ServerlessSync.Core.Identity;
using ServerlessSync.Local.PubSub.Connections;
using ServerlessSync.Local.PubSub.Rest;
using ServerlessSync.Local.PubSub.Tokens;
using ServerlessSync.Local.PubSub.Upstream;

namespace ServerlessSync.Local.PubSub;

/// <summary>Puts the stand-in for Azure Web PubSub into a web application.</summary>
public static class PubSubExtensions
{
    /// <summary>
    /// Registers the stand-in. <see cref="IIdSource"/> must be registered besides. Events go to <see cref="PubSubOptions.UpstreamTemplates"/>
    /// in turn; without any to all registered <see cref="IEventHandler"/>s in turn; without any of them nowhere. A registered
    /// <see cref="IUpstream"/> takes precedence over all of this.
    /// </summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message names each.</exception>
    public static IServiceCollection AddPubSub(this IServiceCollection services, PubSubOptions options)
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
        services.AddSingleton<InProcessGateway>();
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
    public static IEndpointRouteBuilder MapPubSub(this IEndpointRouteBuilder endpoints)
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
        if (options.UpstreamTemplates.Count > 0)
        {
            var upstreams = options.UpstreamTemplates.Select(template =>
                ActivatorUtilities.CreateInstance<HttpUpstream>(services, template)
            );
            return new UpstreamRotation([.. upstreams]);
        }

        var handlers = services.GetServices<IEventHandler>().ToArray();
        return handlers.Length == 0
            ? new NoUpstream()
            : new InProcessUpstream(handlers, services.GetRequiredService<ILogger<InProcessUpstream>>());
    }
}
