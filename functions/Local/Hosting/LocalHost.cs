using System.Reflection;
using ServerlessSync.Core.Access;
using ServerlessSync.Core.Events;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Hosting.Telemetry;
using ServerlessSync.Local.PubSub;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.Local.Hosting;

/// <summary>
/// What runs in one process: stand-in, engines and demo page, or one of these parts (<see cref="Role"/>). Started by the program and by the
/// end-to-end tests.
/// </summary>
internal sealed class LocalHost : IAsyncDisposable
{
    /// <summary>
    /// Signs tokens and events between the stand-in and whoever uses it. No secret, like the account key of Azurite: it protects
    /// nothing but a server that listens on this machine.
    /// </summary>
    public const string AccessKey = "serverless-sync-local-development-key";

    /// <summary>Bytes of a request body: the data plane and the event handler check their own, lower limits and name them.</summary>
    private const long RequestBytesMax = 2 * 1024 * 1024;

    private static readonly HubName Hub = HubName.Parse(PubSubOptions.HubDefault);

    private readonly WebApplication app;
    private readonly StorageChoice? storage;
    private readonly List<Engine> engines;
    private readonly Upkeep? upkeep;

    private LocalHost(WebApplication web, StorageChoice? choice, List<Engine> instances, Upkeep? chores)
    {
        app = web;
        storage = choice;
        engines = instances;
        upkeep = chores;
    }

    public static string Version { get; } =
        typeof(LocalHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Where data are, for people; null for a stand-in alone, which has none.</summary>
    public string? StorageDescription => storage?.Description;

    /// <summary>The store, for those who make projects beside the samples.</summary>
    public ITableStore Store => storage?.Store ?? throw new InvalidOperationException("A stand-in alone has no storage.");

    /// <summary>The projects that were there, or were made, at the start; none for a stand-in alone.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>Starts everything and listens.</summary>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    /// <exception cref="StorageException">The store cannot be reached.</exception>
    public static async Task<LocalHost> StartAsync(
        LocalOptions options,
        TimeProvider time,
        LogLevel logLevel,
        CancellationToken cancellationToken
    )
    {
        var choice = options.HasEngines ? await StorageChoice.OpenAsync(options, cancellationToken) : null;
        var samples = choice is null ? [] : await PrepareAsync(choice.Store, options, cancellationToken);
        var instances = new List<Engine>();
        var builder = CreateBuilder(options, logLevel);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IIdSource, RandomIdSource>();
        builder.Services.AddSyncTelemetry(new TelemetryOptions(ApplicationInsights: null, Credential: null, HasOtlpEndpoint()));
        AddServices(builder.Services, options, instances);
        var web = builder.Build();
        if (choice is not null)
        {
            var gateway = CreateGateway(web.Services, options, time);
            var loggers = web.Services.GetRequiredService<ILoggerFactory>();
            var metering = web.Services.GetRequiredService<MeteringObserver>();
            instances.AddRange(
                Enumerable
                    .Range(0, options.Instances)
                    .Select(_ => new Engine(choice.Store, gateway, time, loggers, metering, Version))
            );
            PeopleApi.Map(web, options, choice.Store, instances, time);
        }

        Map(web, options);
        await web.StartAsync(cancellationToken);
        var chores = instances.Count == 0 ? null : new Upkeep(instances, time);
        return new LocalHost(web, choice, instances, chores) { Samples = samples };
    }

    /// <summary>Returns when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Closes all connections, finishes what is under way, and gives the store back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (upkeep is not null)
        {
            await upkeep.DisposeAsync();
        }

        await app.StopAsync();
        await app.DisposeAsync();
        await Task.WhenAll(engines.Select(static engine => engine.DisposeAsync().AsTask()));
        if (storage is not null)
        {
            await storage.DisposeAsync();
        }
    }

    /// <summary>Puts the store in order. Several processes may do so at once.</summary>
    private static async Task<IReadOnlyList<Sample>> PrepareAsync(
        ITableStore store,
        LocalOptions options,
        CancellationToken cancellationToken
    )
    {
        if (options.HasStandIn)
        {
            // Connections end with the stand-in. Those of a stand-in elsewhere may well be alive: reconciliation sees to them.
            await Upkeep.ForgetPeopleAsync(store, cancellationToken);
        }

        var catalog = new ProjectCatalog(store, new RandomIdSource());
        return await Sample.SeedAsync(catalog, AccessList.OpenToEdit, cancellationToken);
    }

    /// <summary>A collector on this machine, such as the Aspire dashboard, is named as everywhere in OpenTelemetry.</summary>
    private static bool HasOtlpEndpoint() =>
        Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };

    private static WebApplicationBuilder CreateBuilder(LocalOptions options, LogLevel logLevel)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.WebHost.UseUrls(options.Address);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = RequestBytesMax);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        builder.Logging.SetMinimumLevel(logLevel);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        return builder;
    }

    private static void AddServices(IServiceCollection services, LocalOptions options, List<Engine> engines)
    {
        services.AddSingleton<IEventHandler>(_ => new RoundRobin(engines));
        if (options.HasStandIn)
        {
            services.AddPubSub(
                new PubSubOptions
                {
                    AccessKey = AccessKey,
                    AllowAnonymous = true,
                    Endpoint = new Uri(options.Address),
                    UpstreamTemplates = options.TakesEvents ? [options.Address + EventRoute.Pattern] : options.Upstreams,
                }
            );
        }

        if (options.TakesEvents)
        {
            services.AddSingleton<ICallerAuthenticator>(new AccessKeyCallerAuthenticator([new AccessKey(AccessKey)]));
            services.AddSingleton(
                new EventEndpointOptions(Hub, EventEndpointOptions.HostsOf(options.StandIn), allowedOrigins: [])
            );
            services.AddSingleton<EventEndpoint>();
        }
    }

    private static void Map(WebApplication web, LocalOptions options)
    {
        if (options.HasStandIn)
        {
            web.MapPubSub();
        }

        if (options.TakesEvents)
        {
            web.MapEventHandler();
        }

        if (options.Demo && options.HasStandIn)
        {
            DemoPage.Map(web);
        }
    }

    private static IClientGateway CreateGateway(IServiceProvider services, LocalOptions options, TimeProvider time)
    {
        if (!options.TakesEvents)
        {
            return services.GetRequiredService<InProcessGateway>();
        }

        return GatewayTo(options.StandIn, time);
    }

    /// <summary>Sends through a stand-in that may be another process.</summary>
    public static RestClientGateway GatewayTo(Uri standIn, TimeProvider time) =>
        new(DataPlane.FromConnectionString(ServiceConnectionString.Parse(ConnectionString(standIn)), Hub, time));

    /// <summary>What Web PubSub's own SDKs take to talk to the stand-in.</summary>
    public static string ConnectionString(Uri url) =>
        $"Endpoint={url.GetLeftPart(UriPartial.Authority)};AccessKey={AccessKey};Version=1.0;";
}
