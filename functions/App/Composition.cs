using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Messages;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Storage;
using ServerlessSync.Hosting;
using ServerlessSync.Hosting.Http;
using ServerlessSync.Hosting.Telemetry;
using ServerlessSync.Hosting.Users;
using ServerlessSync.Protocol;
using ServerlessSync.Tables.Azure;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;
using ServerlessSync.WebPubSub.Gateway;
using ServerlessSync.WebPubSub.Tokens;

namespace ServerlessSync.App;

/// <summary>Puts the parts together. Every instance is one per process: the engines are shared by all events.</summary>
internal static class Composition
{
    public static IServiceCollection AddServerlessSync(
        this IServiceCollection services,
        AppSettings settings,
        bool isDevelopment
    )
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IIdSource, RandomIdSource>();
        services.AddSingleton<IDialect, BryntumDialect>();
        AddTelemetry(services);
        AddAzure(services, settings);
        AddPeople(services, settings);

        services.AddSyncEngine(
            new SyncOptions { AllowAnonymous = settings.AllowAnonymous, Version = HealthFunction.Version },
            settings.Retention
        );
        services.AddHostedService(provider => new Lifetime(
            provider.GetRequiredService<AzureTableStore>(),
            provider.GetRequiredService<SequencerRegistry>(),
            makeTables: isDevelopment
        ));
        return services;
    }

    private static void AddTelemetry(IServiceCollection services)
    {
        services.AddSingleton(provider =>
            new LoggingObserver(provider.GetRequiredService<ILoggerFactory>().CreateLogger("ServerlessSync.Engine"))
        );
        services.AddSingleton<IPresenceObserver>(provider => provider.GetRequiredService<LoggingObserver>());
        services.AddSingleton<ISyncObserver>(provider =>
            new ObserverPair(provider.GetRequiredService<LoggingObserver>(), provider.GetRequiredService<MeteringObserver>())
        );
    }

    /// <summary>The HTTP API for people. Without an identity provider its addresses answer 404.</summary>
    private static void AddPeople(IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton<IClientAccessTokenSource>(provider =>
            settings.WebPubSub.Connection is { } connection
                ? new AccessKeyTokenSource(connection, HubName.Parse(settings.WebPubSub.Hub), TokenLifetime.Default, TimeProvider.System)
                : new EntraTokenSource(provider.GetRequiredService<DataPlane>(), TokenLifetime.Default, TimeProvider.System)
        );
        services.AddSingleton(provider => new NegotiateEndpoint(
            Users(settings, provider),
            async (user, cancellationToken) =>
            {
                var tokens = provider.GetRequiredService<IClientAccessTokenSource>();
                var access = await tokens.CreateAsync(new ClientAccessRequest(user), cancellationToken);
                return new SocketAddress(access.Url, access.Expires);
            }
        ));
        services.AddSingleton(provider => new ProjectsEndpoint(
            Users(settings, provider),
            provider.GetRequiredService<ProjectOffice>(),
            provider.GetRequiredService<ProjectCatalog>()
        ));
    }

    private static OpenIdUserAuthenticator? Users(AppSettings settings, IServiceProvider provider) =>
        settings.Negotiate.ToOptions() is { } options
            ? new OpenIdUserAuthenticator(
                options,
                OpenIdUserAuthenticator.KeysOf(options, provider.GetRequiredService<IHttpClientFactory>().CreateClient("people")),
                TimeProvider.System,
                provider.GetRequiredService<ILogger<OpenIdUserAuthenticator>>()
            )
            : null;

    private static void AddAzure(IServiceCollection services, AppSettings settings)
    {
        // The identity of the app in Azure (AZURE_CLIENT_ID names it), that of the developer on a laptop.
        services.AddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.AddSingleton(provider =>
            settings.Tables.Endpoint is { } endpoint
                ? AzureTableStore.FromCredential(endpoint, provider.GetRequiredService<TokenCredential>())
                : AzureTableStore.FromConnectionString(settings.Tables.ConnectionString!)
        );
        services.AddSingleton<ITableStore>(provider => provider.GetRequiredService<AzureTableStore>());
        services.AddSingleton(provider => Plane(settings.WebPubSub, provider));
        services.AddSingleton<IClientGateway, RestClientGateway>();
        services.AddHttpClient();
        services.AddSingleton(provider =>
            CallerAuthentication.Create(
                settings.Callers(),
                entra =>
                    EntraCallerAuthenticator.KeysOf(
                        entra,
                        provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(EntraCallerAuthenticator))
                    ),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>()
            )
        );
        services.AddSingleton(settings.Events());
        services.AddSingleton<EventEndpoint>();
    }

    private static DataPlane Plane(AppSettings.WebPubSubSettings service, IServiceProvider provider)
    {
        var hub = HubName.Parse(service.Hub);
        return service.Connection is { } connection
            ? DataPlane.FromConnectionString(connection, hub, provider.GetRequiredService<TimeProvider>())
            : DataPlane.FromCredential(service.Endpoint!, provider.GetRequiredService<TokenCredential>(), hub);
    }
}
