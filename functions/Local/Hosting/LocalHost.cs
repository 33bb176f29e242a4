using System.Reflection;
using ServerlessSync.Core.Access;
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

/// <summary>The whole product on one machine: stand-in, engines, demo page. Started by the program and by the end-to-end tests.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    /// <summary>
    /// Signs tokens and events between the stand-in and whoever uses it. No secret, like the account key of Azurite: it protects
    /// nothing but a server that listens on this machine.
    /// </summary>
    public const string AccessKey = "serverless-sync-local-development-key";

    /// <summary>Bytes of a request body: the data plane and the event handler check their own, lower limits and name them.</summary>
    private const long RequestBytesMax = 2 * 1024 * 1024;

    private readonly WebApplication app;
    private readonly StorageChoice storage;
    private readonly List<Engine> engines;
    private readonly Upkeep upkeep;

    private LocalHost(WebApplication web, StorageChoice choice, List<Engine> instances, Upkeep chores)
    {
        app = web;
        storage = choice;
        engines = instances;
        upkeep = chores;
    }

    public static string Version { get; } =
        typeof(LocalHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public string StorageDescription => storage.Description;

    /// <summary>The store, for those who make projects beside the samples.</summary>
    public ITableStore Store => storage.Store;

    /// <summary>The projects that were there, or were made, at the start.</summary>
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
        var choice = await StorageChoice.OpenAsync(options, cancellationToken);
        var samples = await Sample.SeedAsync(
            new ProjectCatalog(choice.Store, new RandomIdSource()),
            AccessList.OpenToEdit,
            cancellationToken
        );
        await Upkeep.ForgetPeopleAsync(choice.Store, cancellationToken);

        var instances = new List<Engine>();
        var builder = CreateBuilder(options, logLevel);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IIdSource, RandomIdSource>();
        builder.Services.AddSyncTelemetry(new TelemetryOptions(ApplicationInsights: null, Credential: null, HasOtlpEndpoint()));
        AddStandIn(builder.Services, options, instances);
        var web = builder.Build();
        var gateway = CreateGateway(web.Services, options, time);
        for (var index = 0; index < options.Instances; index++)
        {
            instances.Add(
                new Engine(
                    choice.Store,
                    gateway,
                    time,
                    web.Services.GetRequiredService<ILoggerFactory>(),
                    web.Services.GetRequiredService<MeteringObserver>(),
                    Version
                )
            );
        }

        web.MapPubSub();
        if (options.Transport == Transport.Http)
        {
            web.MapEventHandler();
        }

        PeopleApi.Map(web, options, choice.Store, instances, time);
        if (options.Demo)
        {
            DemoPage.Map(web);
        }

        await web.StartAsync(cancellationToken);
        return new LocalHost(web, choice, instances, new Upkeep(instances, time)) { Samples = samples };
    }

    /// <summary>Returns when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Closes all connections, finishes what is under way, and gives the store back.</summary>
    public async ValueTask DisposeAsync()
    {
        await upkeep.DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        await Task.WhenAll(engines.Select(static engine => engine.DisposeAsync().AsTask()));
        await storage.DisposeAsync();
    }

    /// <summary>A collector on this machine, such as the Aspire dashboard, is named as everywhere in OpenTelemetry.</summary>
    private static bool HasOtlpEndpoint() =>
        Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };

    private static WebApplicationBuilder CreateBuilder(LocalOptions options, LogLevel logLevel)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.WebHost.UseUrls(options.Url.GetLeftPart(UriPartial.Authority));
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

    private static void AddStandIn(IServiceCollection services, LocalOptions options, List<Engine> engines)
    {
        var http = options.Transport == Transport.Http;
        services.AddPubSub(
            new PubSubOptions
            {
                AccessKey = AccessKey,
                AllowAnonymous = true,
                Endpoint = new Uri(options.Url.GetLeftPart(UriPartial.Authority)),
                UpstreamTemplate = http ? options.Url.GetLeftPart(UriPartial.Authority) + EventRoute.Pattern : null,
            }
        );
        services.AddSingleton<Core.Events.IEventHandler>(_ => new RoundRobin(engines));
        if (!http)
        {
            return;
        }

        services.AddSingleton<ICallerAuthenticator>(new AccessKeyCallerAuthenticator([new AccessKey(AccessKey)]));
        services.AddSingleton(new EventEndpointOptions(HubName.Parse(PubSubOptions.HubDefault), [options.Url.Host], []));
        services.AddSingleton<EventEndpoint>();
    }

    private static IClientGateway CreateGateway(IServiceProvider services, LocalOptions options, TimeProvider time)
    {
        if (options.Transport == Transport.InProcess)
        {
            return services.GetRequiredService<InProcessGateway>();
        }

        var connection = ServiceConnectionString.Parse(ConnectionString(options.Url));
        return new RestClientGateway(
            DataPlane.FromConnectionString(connection, HubName.Parse(PubSubOptions.HubDefault), time)
        );
    }

    /// <summary>What Web PubSub's own SDKs take to talk to the stand-in.</summary>
    public static string ConnectionString(Uri url) =>
        $"Endpoint={url.GetLeftPart(UriPartial.Authority)};AccessKey={AccessKey};Version=1.0;";
}
