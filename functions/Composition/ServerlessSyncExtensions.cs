using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessSync.Api.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Blobs;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Composition.Telemetry;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Storage;
using ServerlessSync.Protocol;
using ServerlessSync.Tables.Azure;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;
using ServerlessSync.WebPubSub.Gateway;
using ServerlessSync.WebPubSub.Tokens;

namespace ServerlessSync.Composition;

/// <summary>Registers the product, for every host. All parts are singletons: the events of a process share its engines.</summary>
public static class ServerlessSyncExtensions
{
    /// <summary>
    /// Adds the engine, the event handler (<see cref="EventEndpoint"/>), the HTTP API (<see cref="NegotiateEndpoint"/>,
    /// <see cref="ProjectsEndpoint"/>, <see cref="HealthEndpoint"/>), <see cref="Maintenance"/>, and a hosted service that
    /// drains the engine. Uses a clock, logging and metrics that are already registered.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">The settings that <see cref="SettingsReader"/> read.</param>
    /// <param name="parts">The parts that the host supplies.</param>
    public static IServiceCollection AddServerlessSync(this IServiceCollection services, SyncSettings settings, HostParts parts)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(parts);
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddMetrics();
        services.AddHttpClient();
        // The app's identity in Azure (AZURE_CLIENT_ID names it), the developer's on a laptop.
        services.AddSingleton<TokenCredential>(static _ => new DefaultAzureCredential());
        AddStore(services, settings.Tables, parts);
        AddWebPubSub(services, settings, parts);
        AddObservers(services);
        AddEngine(services, settings, parts);
        AddArchives(services, settings.Archives);
        AddApi(services, settings, parts);
        return services;
    }

    private static void AddStore(IServiceCollection services, TableSettings settings, HostParts parts)
    {
        if (parts.Store is { } store)
        {
            services.AddSingleton(store);
            return;
        }

        services.AddSingleton(provider =>
            settings.Endpoint is { } endpoint
                ? AzureTableStore.FromCredential(endpoint, provider.GetRequiredService<TokenCredential>())
                : AzureTableStore.FromConnectionString(settings.ConnectionString!)
        );
        services.AddSingleton<ITableStore>(static provider => provider.GetRequiredService<AzureTableStore>());
    }

    private static void AddWebPubSub(IServiceCollection services, SyncSettings settings, HostParts parts)
    {
        var service = settings.WebPubSub;
        services.AddSingleton(provider =>
            service.Connection is { } connection
                ? DataPlane.FromConnectionString(connection, service.HubName, provider.GetRequiredService<TimeProvider>())
                : DataPlane.FromCredential(service.Endpoint!, provider.GetRequiredService<TokenCredential>(), service.HubName)
        );
        if (parts.Gateway is { } gateway)
        {
            services.AddSingleton(gateway);
        }
        else
        {
            services.AddSingleton<IClientGateway, RestClientGateway>();
        }

        services.AddSingleton<IClientAccessTokenSource>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            return service.Connection is { } connection
                ? new AccessKeyTokenSource(connection, service.HubName, TokenLifetime.Default, time)
                : new EntraTokenSource(provider.GetRequiredService<DataPlane>(), TokenLifetime.Default, time);
        });
        services.AddSingleton(provider =>
            CallerAuthentication.Create(
                settings.Callers,
                entra => EntraCallerAuthenticator.KeysOf(entra, ClientOf(provider, nameof(EntraCallerAuthenticator))),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>()
            )
        );
        services.AddSingleton(settings.Events(parts.AllowsThisMachine));
        services.AddSingleton<EventEndpoint>();
    }

    private static void AddObservers(IServiceCollection services)
    {
        services.TryAddSingleton<MeteringObserver>();
        services.AddSingleton(static provider => new LoggingObserver(
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("ServerlessSync.Engine")
        ));
        services.AddSingleton<IPresenceObserver>(static provider => provider.GetRequiredService<LoggingObserver>());
        services.AddSingleton<ILimitObserver>(static provider => provider.GetRequiredService<MeteringObserver>());
        services.AddSingleton<ISyncObserver>(static provider => new ObserverPair(
            provider.GetRequiredService<LoggingObserver>(),
            provider.GetRequiredService<MeteringObserver>()
        ));
    }

    private static void AddEngine(IServiceCollection services, SyncSettings settings, HostParts parts)
    {
        services.AddSingleton<IIdSource, RandomIdSource>();
        services.AddSingleton<IDialect, BryntumDialect>();
        var limits = settings.Limits.Options;
        services.AddSingleton(
            new SyncOptions
            {
                AllowAnonymous = settings.AllowAnonymous,
                Version = ProductVersion.Version,
                Limits = limits,
            }
        );
        services.AddSingleton(limits);
        services.AddSingleton<ApiLimiter>();
        services.AddSingleton(settings.Retention);
        services.AddSingleton(new SequencerOptions());
        services.AddSingleton(provider =>
            parts.Loading
            ?? provider.GetRequiredService<SequencerOptions>().CreateLoadingGate(provider.GetRequiredService<TimeProvider>())
        );
        services.AddSingleton<EngineDependencies>();
        services.AddSingleton<SequencerRegistry>();
        services.AddSingleton(new SweepOptions());
        services.AddSingleton<Sweeper>();
        services.AddSingleton<Compactor>();
        services.AddSingleton<ProjectCatalog>();
        services.AddSingleton<ProjectAdministration>();
        services.AddSingleton(new ArchiveOptions { IsAdministrator = settings.ProjectApi.IsAdministrator });
        services.AddSingleton<ArchiveAdministration>();
        services.AddSingleton(PresenceScope.Everyone);
        services.AddSingleton(new PresenceOptions());
        services.AddSingleton<PresenceTracker>();
        services.AddSingleton<IPresence>(static provider => provider.GetRequiredService<PresenceTracker>());
        services.AddSingleton<IEventHandler, SyncEventHandler>();
        services.AddSingleton<Maintenance>();
    }

    private static void AddArchives(IServiceCollection services, ArchiveSettings settings)
    {
        if (!settings.IsOn)
        {
            return;
        }

        services.AddSingleton(provider =>
            settings.Endpoint is { } endpoint
                ? AzureArchiveContainer.FromCredential(endpoint, provider.GetRequiredService<TokenCredential>(), settings.ContainerName)
                : AzureArchiveContainer.FromConnectionString(settings.ConnectionString!, settings.ContainerName)
        );
        services.AddSingleton<IArchiveContainer>(static provider => provider.GetRequiredService<AzureArchiveContainer>());
        services.AddSingleton(settings.Schedule);
        services.AddSingleton<IArchiveObserver>(static provider => new ArchiveTelemetry(
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("ServerlessSync.Archives")
        ));
        services.AddSingleton<ScheduledArchives>();
    }

    private static void AddApi(IServiceCollection services, SyncSettings settings, HostParts parts)
    {
        services.AddSingleton(provider => parts.Users ?? UsersOf(settings.Negotiate, provider));
        services.AddHostedService<SignInNotice>();
        services.AddCors();
        services.AddSingleton(static provider => new ApiCors(
            provider.GetRequiredService<ICorsService>(),
            provider.GetRequiredService<EventEndpointOptions>().Lists
        ));
        services.AddSingleton(static provider => new NegotiateEndpoint(
            provider.GetRequiredService<ApiCors>(),
            provider.GetRequiredService<IUserAuthenticator>(),
            provider.GetRequiredService<ApiLimiter>(),
            async (user, cancellationToken) =>
            {
                var tokens = provider.GetRequiredService<IClientAccessTokenSource>();
                var access = await tokens.CreateAsync(new ClientAccessRequest(user), cancellationToken);
                return new SocketAddress(access.Url, access.Expires);
            }
        ));
        services.AddSingleton(settings.ProjectApi);
        services.AddSingleton(static provider => new ProjectsEndpoint(
            provider.GetRequiredService<ApiCors>(),
            provider.GetRequiredService<IUserAuthenticator>(),
            provider.GetRequiredService<ApiLimiter>(),
            provider.GetRequiredService<ProjectAdministration>(),
            provider.GetRequiredService<ProjectCatalog>(),
            provider.GetRequiredService<ArchiveAdministration>(),
            provider.GetRequiredService<ProjectApiOptions>()
        ));
        services.AddSingleton(static provider => new HealthEndpoint(
            provider.GetRequiredService<ApiCors>(),
            provider.GetRequiredService<ITableStore>(),
            ProductVersion.Version,
            ProductVersion.Commit
        ));
        services.AddSingleton<IHostedService>(provider => new EngineLifetime(
            provider.GetRequiredService<SequencerRegistry>(),
            parts.CreatesTables ? provider.GetService<AzureTableStore>() : null,
            parts.CreatesTables ? provider.GetService<AzureArchiveContainer>() : null,
            provider.GetRequiredService<TimeProvider>()
        ));
    }

    private static IUserAuthenticator UsersOf(NegotiateSettings settings, IServiceProvider provider) =>
        settings.OpenId is { } options
            ? new OpenIdUserAuthenticator(
                options,
                OpenIdUserAuthenticator.KeysOf(options, ClientOf(provider, nameof(OpenIdUserAuthenticator))),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<OpenIdUserAuthenticator>>()
            )
            : new UnconfiguredUserAuthenticator(NegotiateSettings.Missing);

    private static HttpClient ClientOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IHttpClientFactory>().CreateClient(name);
}
