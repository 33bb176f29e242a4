using ServerlessSync.Api.Users;
using ServerlessSync.Composition;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Composition.Telemetry;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.FunctionsHost;
using ServerlessSync.Local.InProcess;
using ServerlessSync.Local.Web;
using ServerlessSync.PubSubEmulator;
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
    private readonly Instances instances;
    private readonly FunctionsWorkers? workers;
    private readonly MaintenanceTimer? maintenance;

    private LocalHost(WebApplication web, StorageChoice? choice, FunctionsWorkers? processes, Instances product, MaintenanceTimer? timer)
    {
        app = web;
        storage = choice;
        workers = processes;
        instances = product;
        maintenance = timer;
    }

    /// <summary>Where data are, for people; null for a stand-in alone, which has none.</summary>
    public string? StorageDescription => storage?.Description;

    /// <summary>The store, for those who make projects beside the samples.</summary>
    public ITableStore Store => storage?.Store ?? throw new InvalidOperationException("A stand-in alone has no storage.");

    /// <summary>The projects that were there, or were made, at the start; none for a stand-in alone.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>The hosts of the Function App; none unless asked for.</summary>
    public IReadOnlyList<WorkerHost> Workers => workers?.Hosts ?? [];

    /// <summary>Starts everything and listens.</summary>
    /// <param name="options">What the command line says.</param>
    /// <param name="settings">What <see cref="LocalSettings"/> read.</param>
    /// <param name="time">The clock of everything.</param>
    /// <param name="logLevel">From which level on the console shows logs.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    /// <exception cref="StorageException">The store cannot be reached.</exception>
    /// <exception cref="WorkerHostException">A worker of the Function App did not start.</exception>
    public static async Task<LocalHost> StartAsync(
        LocalOptions options,
        SyncSettings settings,
        TimeProvider time,
        LogLevel logLevel,
        CancellationToken cancellationToken
    )
    {
        var choice = options.HasProduct ? await StorageChoice.OpenAsync(options, cancellationToken) : null;
        FunctionsWorkers? processes = null;
        try
        {
            processes = options.Worker ? await FunctionsWorkers.StartAsync(options, settings, choice!, time, logLevel, cancellationToken) : null;
            var served = processes is null ? options : options with { Upstreams = processes.Upstreams };
            return await StartAsync(served, settings, choice, processes, time, logLevel, cancellationToken);
        }
        catch
        {
            await DisposeAsync(processes);
            await DisposeAsync(choice);
            throw;
        }
    }

    private static async Task<LocalHost> StartAsync(
        LocalOptions options,
        SyncSettings settings,
        StorageChoice? choice,
        FunctionsWorkers? processes,
        TimeProvider time,
        LogLevel logLevel,
        CancellationToken cancellationToken
    )
    {
        var product = new Instances();
        var web = Build(options, settings, product, time, logLevel);
        IReadOnlyList<Sample> samples = [];
        if (choice is not null)
        {
            await PrepareAsync(choice.Store.Background, options, cancellationToken);
            var catalog = new ProjectCatalog(choice.Store.Background, web.Services.GetRequiredService<IIdSource>());
            samples = await Sample.SeedAsync(catalog, AccessList.OpenToEdit, cancellationToken);
        }

        if (options.HasEngines)
        {
            var parts = new HostParts
            {
                Store = choice!.Store,
                Gateway = options.TakesEvents ? null : web.Services.GetRequiredService<InProcessGateway>(),
                Users = settings.Negotiate.Issuer is null ? new DevelopmentUserAuthenticator() : null,
                Loading = new SequencerOptions().CreateLoadingGate(time),
            };
            await product.StartAsync(options.Instances, settings, parts, web.Services, cancellationToken);
        }

        Map(web, options, product);
        await web.StartAsync(cancellationToken);
        var timer = options.HasEngines ? new MaintenanceTimer(product.First.Maintenance, time) : null;
        return new LocalHost(web, choice, processes, product, timer) { Samples = samples };
    }

    /// <summary>Returns when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Closes all connections, finishes what is under way, and gives the store back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (maintenance is not null)
        {
            await maintenance.DisposeAsync();
        }

        await app.StopAsync();
        await instances.DisposeAsync();
        await DisposeAsync(workers);
        await app.DisposeAsync();
        await DisposeAsync(storage);
    }

    /// <summary>Sends through an emulator that may be another process.</summary>
    public static RestClientGateway GatewayTo(Uri standIn, TimeProvider time) =>
        new(DataPlane.FromConnectionString(ServiceConnectionString.Parse(ConnectionString(standIn)), Hub, time));

    /// <summary>What Web PubSub's own SDKs take to talk to the stand-in.</summary>
    public static string ConnectionString(Uri url) =>
        $"Endpoint={url.GetLeftPart(UriPartial.Authority)};AccessKey={AccessKey};Version=1.0;";

    private static ValueTask DisposeAsync(IAsyncDisposable? part) => part?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Task PrepareAsync(ITableStore store, LocalOptions options, CancellationToken cancellationToken) =>
        // The connections of a stand-in that is another process may well be alive: reconciliation looks after them.
        options.HasStandIn ? FormerPresence.ClearAsync(store, cancellationToken) : Task.CompletedTask;

    private static WebApplication Build(
        LocalOptions options,
        SyncSettings settings,
        Instances instances,
        TimeProvider time,
        LogLevel logLevel
    )
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(options.Address);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = RequestBytesMax);
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(logLevel);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // A person watches the console here, also when a collector such as the Aspire dashboard is named.
        builder.Logging.AddSyncLogging(settings.Telemetry).AddSimpleConsole();
        builder.Services.AddSyncTelemetry(settings.Telemetry);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IIdSource, RandomIdSource>();
        builder.Services.AddSingleton<IEventHandler>(instances);
        if (options.HasStandIn)
        {
            var templates = options.TakesEvents ? [options.Address + EventRoute.Pattern] : options.Upstreams;
            if (templates.Count == 0)
            {
                builder.Services.AddInProcessDelivery();
            }

            builder.Services.AddPubSubEmulator(
                new PubSubOptions
                {
                    AccessKey = AccessKey,
                    AllowAnonymous = true,
                    Endpoint = new Uri(options.Address),
                    UpstreamTemplates = templates,
                }
            );
        }

        builder.Services.AddLoopbackGuard();
        var web = builder.Build();
        web.UseLoopbackGuard(new SiteNames(options.Url, options.AllowedOrigins), options.AllowedOrigins);
        return web;
    }

    private static void Map(WebApplication web, LocalOptions options, Instances instances)
    {
        if (options.HasStandIn)
        {
            web.MapPubSubEmulator();
        }

        if (options.HasEngines)
        {
            instances.MapApi(web);
        }

        if (options.TakesEvents)
        {
            instances.MapEvents(web);
        }

        if (options.Demo && options.HasStandIn)
        {
            DemoPage.Map(web);
        }
    }
}
