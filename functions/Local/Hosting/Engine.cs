using ServerlessSync.Core.Events;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Sweeping;
using ServerlessSync.Hosting.Telemetry;
using ServerlessSync.Protocol;

namespace ServerlessSync.Local.Hosting;

/// <summary>One instance of the product, as a Function App process would hold one.</summary>
internal sealed class Engine : IAsyncDisposable
{
    /// <summary>What a stop waits for what is under way; below the half minute after which hosts kill.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(15);

    private readonly SequencerRegistry sequencers;
    private readonly PresenceBook presence;
    private readonly Sweeper sweeper;
    private readonly Compactor compactor;
    private readonly TimeProvider time;

    public Engine(
        ITableStore store,
        IClientGateway gateway,
        TimeProvider time,
        ILoggerFactory loggers,
        MeteringObserver metering,
        string version
    )
    {
        this.time = time;
        var ids = new RandomIdSource();
        var dialect = new BryntumDialect();
        var observer = new LoggingObserver(loggers.CreateLogger("ServerlessSync.Engine"));
        var services = new SyncServices(store, gateway, dialect, time, ids, new ObserverPair(observer, metering));
        sequencers = new SequencerRegistry(services, new SequencerOptions());
        var catalog = new ProjectCatalog(store, ids);
        sweeper = new Sweeper(services, sequencers, new SweepOptions());
        compactor = new Compactor(services, new RetentionOptions());
        presence = new PresenceBook(store, gateway, dialect, time, ids, PresenceScope.Everyone, observer: observer);
        Handler = new SyncEventHandler(
            services,
            new SyncOptions { AllowAnonymous = true, Version = version },
            sequencers,
            catalog,
            presence
        );
        Office = new ProjectOffice(services, sequencers, catalog);
    }

    public IEventHandler Handler { get; }

    /// <summary>What people do with whole projects.</summary>
    public ProjectOffice Office { get; }

    /// <summary>Removes people whose connections nobody has heard the end of.</summary>
    public Task ReconcileAsync(CancellationToken cancellationToken) => presence.ReconcileAsync(cancellationToken);

    /// <summary>Publishes what engines that died have left unpublished.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => sweeper.SweepAsync(cancellationToken);

    /// <summary>Removes what is older than the retention from the logs.</summary>
    public Task CompactAsync(CancellationToken cancellationToken) => compactor.CompactAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(DrainMax, time);
        try
        {
            await sequencers.DrainAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // What was accepted is stored; what is unpublished the next process publishes.
        }

        await presence.DisposeAsync();
    }
}
