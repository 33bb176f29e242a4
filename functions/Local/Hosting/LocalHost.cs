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
/// Everything that runs in one process: emulator, engines and demo page, or one of these parts (<see cref="Role"/>). Used
/// by the program and by the end-to-end tests.
/// </summary>
internal sealed class LocalHost : IAsyncDisposable
{
    /// <summary>
    /// Signs tokens and events between the emulator and its callers. Not a secret, like the account key of Azurite: it
    /// protects only a server that listens on this machine.
    /// </summary>
    public const string AccessKey = "serverless-sync-local-development-key";

    /// <summary>
    /// Bytes of a request body. The data plane and the event handler enforce lower limits of their own and name them.
    /// </summary>
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

    /// <summary>A description of the storage for people; null for the emulator alone, which has none.</summary>
    public string? StorageDescription => storage?.Description;

    /// <summary>The store, for callers that create more projects than the samples.</summary>
    public ITableStore Store => storage?.Store ?? throw new InvalidOperationException("The emulator alone has no storage.");

    /// <summary>The sample projects; none for the emulator alone.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>The hosts of the Function App; none without <c>--worker</c>.</summary>
    public IReadOnlyList<WorkerHost> Workers => workers?.Hosts ?? [];

    /// <summary>Starts everything and listens.</summary>
    /// <param name="options">The options of the command line.</param>
    /// <param name="settings">The settings that <see cref="LocalSettings"/> read.</param>
    /// <param name="time">The clock of all parts.</param>
    /// <param name="logLevel">The lowest level that the console shows.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="IOException">The address is not available.</exception>
    /// <exception cref="StorageException">The store is not reachable.</exception>
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
                AllowsThisMachine = true,
            };
            await product.StartAsync(options.Instances, settings, parts, web.Services, cancellationToken);
        }

        Map(web, options, product);
        await web.StartAsync(cancellationToken);
        var timer = options.HasEngines ? new MaintenanceTimer(product.First.Maintenance, time) : null;
        return new LocalHost(web, choice, processes, product, timer) { Samples = samples };
    }

    /// <summary>Completes when the process is asked to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Closes all connections, finishes pending work, and releases the store.</summary>
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

    /// <summary>Creates a gateway that sends through an emulator, which may be in another process.</summary>
    public static RestClientGateway GatewayTo(Uri emulator, TimeProvider time) =>
        new(DataPlane.FromConnectionString(ServiceConnectionString.Parse(ConnectionString(emulator)), Hub, time));

    /// <summary>The connection string with which Web PubSub's SDKs reach the emulator.</summary>
    public static string ConnectionString(Uri url) =>
        $"Endpoint={url.GetLeftPart(UriPartial.Authority)};AccessKey={AccessKey};Version=1.0;";

    private static ValueTask DisposeAsync(IAsyncDisposable? part) => part?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Task PrepareAsync(ITableStore store, LocalOptions options, CancellationToken cancellationToken) =>
        // The connections of an emulator in another process may still be open; reconciliation takes care of them.
        options.HasEmulator ? FormerPresence.ClearAsync(store, cancellationToken) : Task.CompletedTask;

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
        // The console is watched here, so it shows logs even when a collector such as the Aspire dashboard receives them.
        builder.Logging.AddSyncLogging(settings.Telemetry).AddSimpleConsole();
        builder.Services.AddSyncTelemetry(settings.Telemetry);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IIdSource, RandomIdSource>();
        builder.Services.AddSingleton<IEventHandler>(instances);
        if (options.HasEmulator)
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
        web.UseLoopbackGuard(new SiteNames(options.Url, options.AllowedOrigins));
        return web;
    }

    private static void Map(WebApplication web, LocalOptions options, Instances instances)
    {
        if (options.HasEmulator)
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

        if (options.Demo && options.HasEmulator)
        {
            DemoPage.Map(web);
        }
    }
}
