using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Protocol;
using ServerlessSync.Simulation.Faults;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>One instance of the product, composed as by a host. It can die or freeze at each await.</summary>
internal sealed class Instance
{
    private readonly World world;
    private readonly SequencerRegistry sequencers;
    private readonly PresenceTracker presence;
    private readonly Sweeper sweeper;
    private readonly Compactor compactor;
    private readonly TaskCompletionSource death = new();
    private DateTimeOffset frozenUntil;
    private TimeSpan lastFrozen = TimeSpan.MinValue;

    public Instance(World world, int number)
    {
        this.world = world;
        Number = number;
        var clock = new InstanceClock(world, this);
        var ids = new SeededIds((world.Scenario.Seed * 1000) + number);
        IdPrefix = $"id{(world.Scenario.Seed * 1000) + number}x";
        var dialect = new BryntumDialect();
        var store = new InstanceStore(world, this);
        var gateway = new InstanceGateway(world, this);
        var observer = new TracingObserver(world, number);
        var services = new EngineDependencies(store, gateway, dialect, clock, ids, observer);
        sequencers = new SequencerRegistry(services, world.Scenario.Options);
        sweeper = new Sweeper(services, sequencers, new SweepOptions { JobsAbandonedAfter = Scenario.JobsAbandonedAfter });
        Catalog = new ProjectCatalog(store, ids);
        Administration = new ProjectAdministration(services, sequencers, Catalog);
        Archives = new ArchiveAdministration(services, sequencers, Archivist.Options);
        compactor = new Compactor(services, Retention(world.Scenario), sequencers.Loading);
        presence = new PresenceTracker(store, gateway, dialect, clock, ids, PresenceScope.Everyone);
        Handler = new SyncEventHandler(
            services,
            new SyncOptions { AllowAnonymous = true, Version = "simulation", Limits = RateLimitOptions.Off },
            sequencers,
            Catalog,
            presence
        );
    }

    /// <summary>A retention that matters in a run of minutes.</summary>
    private static RetentionOptions Retention(Scenario scenario) =>
        new()
        {
            Age = scenario.Retention,
            Slack = TimeSpan.FromSeconds(1),
            RevisionsKept = 3,
            CommitsMax = 10,
            RowsMax = 10,
        };

    public int Number { get; }

    /// <summary>The prefix of all ids that it gives, including those of its engines.</summary>
    public string IdPrefix { get; }

    public IEventHandler Handler { get; }

    /// <summary>The gate through which it loads projects.</summary>
    public LoadingGate Loading => sequencers.Loading;

    /// <summary>Requests on whole projects.</summary>
    public ProjectAdministration Administration { get; }

    /// <summary>Requests on archives.</summary>
    public ArchiveAdministration Archives { get; }

    public ProjectCatalog Catalog { get; }

    public bool IsDead => death.Task.IsCompleted;

    public bool IsFrozen => frozenUntil > world.Time.GetUtcNow();

    /// <summary>Whether it was frozen at any time since then.</summary>
    public bool WasFrozenSince(TimeSpan moment) => lastFrozen >= moment;

    /// <summary>Completes when it dies.</summary>
    public Task Death => death.Task;

    /// <summary>How long it stays frozen.</summary>
    public TimeSpan FrozenFor =>
        IsFrozen ? frozenUntil - world.Time.GetUtcNow() + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;

    /// <summary>The number of failed calls to the store and the service, without those about single connections.</summary>
    public int FailedCalls { get; set; }

    /// <summary>The number of failed calls about each connection.</summary>
    public Dictionary<ConnectionId, int> FailedConnectionCalls { get; } = [];

    /// <summary>The number of stored states that are being read.</summary>
    public int Reading { get; set; }

    /// <summary>A point at which the instance can die or freeze: before and after each call to the store or the service.</summary>
    public async Task PassAsync()
    {
        if (!IsDead && world.Faults.Strikes(FaultKind.InstanceDeath, weight: 0.1))
        {
            world.Cluster.Replace(this);
        }
        else if (!IsDead && !IsFrozen && world.Faults.Strikes(FaultKind.InstanceFreeze, weight: 0.1))
        {
            Freeze(world.ServiceDice.Milliseconds(500, 12_000));
        }

        while (IsFrozen && !IsDead)
        {
            await Task.Delay(FrozenFor, world.Time);
        }

        if (IsDead)
        {
            // The code of a dead instance never continues.
            await new TaskCompletionSource().Task;
        }
    }

    public void Die()
    {
        world.Trace.Note($"instance {Number} dies");
        death.TrySetResult();
    }

    public void Freeze(TimeSpan time)
    {
        world.Trace.Note($"instance {Number} stands still for {time.TotalSeconds:F1} s");
        frozenUntil = world.Time.GetUtcNow() + world.Faults.Take(time);
        lastFrozen = world.Time.Elapsed + time;
    }

    public void Thaw() => frozenUntil = default;

    /// <summary>Whether it was asked to stop. Events that still reach it may fail, and are redelivered to another instance.</summary>
    public bool IsStopping { get; private set; }

    public Task ReconcileAsync() => presence.ReconcileAsync(CancellationToken.None);

    public Task<ProjectOutcome> GrantAsync(ProjectId project, string user, Role role) =>
        sequencers.GrantAsync(project, user, role, CancellationToken.None);

    public Task<SweepReport> SweepAsync() => sweeper.SweepAsync(CancellationToken.None);

    public Task<AdministrationResult> RestoreAsync(string user, ProjectId project, long revision) =>
        Administration.RestoreAsync(user, project, revision, CancellationToken.None);

    public Task<CompactionReport> CompactAsync() => compactor.CompactAsync(CancellationToken.None);

    public async Task DrainAsync()
    {
        IsStopping = true;
        await sequencers.DrainAsync(CancellationToken.None);
        await presence.DisposeAsync();
    }
}
