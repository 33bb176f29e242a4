using System.Text;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Tests.Limits;
using ServerlessSync.Protocol;
using ServerlessSync.Support.Time;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>Several instances of the product on one store and one gateway, in virtual time.</summary>
internal sealed class World
{
    public static readonly ProjectId Project = new(JsonId.Of(1));

    private const string OfficeMove = """
        {"tasksData":[{"id":1,"name":"Plan","orderedParentIndex":0,"children":[{"id":2,"name":"Measure","orderedParentIndex":0}]},
        {"id":3,"name":"Move","orderedParentIndex":1}],"dependenciesData":[{"id":"d1","from":2,"to":3}],"project":{"startDate":"2027-04-05"}}
        """;

    private readonly List<SequencerRegistry> registries = [];
    private readonly Dictionary<int, SyncEventHandler> instances = [];
    private readonly Dictionary<int, Sweeper> sweepers = [];
    private readonly Dictionary<int, Gate> gates = [];
    private readonly Dictionary<int, ProjectAdministration> offices = [];
    private readonly Dictionary<int, EngineDependencies> parts = [];
    private readonly Dictionary<int, SequencerRegistry> engines = [];
    private int clients;

    private readonly SequencerOptions options;
    private readonly RateLimitOptions rates;
    private readonly Func<EngineDependencies, IPresence> presence;

    /// <summary>Makes the instances; nobody is told who is here unless <paramref name="presence"/> says so.</summary>
    public World(
        VirtualTime time,
        int instanceCount = 1,
        SequencerOptions? options = null,
        Func<EngineDependencies, IPresence>? presence = null,
        RateLimitOptions? rates = null
    )
    {
        Time = time;
        Store = new FaultyStore(new MemoryTableStore(), time);
        Gateway = new FakeGateway(time);
        this.options = options ?? new SequencerOptions { StateBytesMax = 1 << 30 };
        this.rates = rates ?? RateLimitOptions.Off;
        this.presence = presence ?? (static _ => new NoPresence());
        for (var index = 0; index < instanceCount; index++)
        {
            gates[index] = new Gate(Gateway);
            Start(index);
        }

        Catalog = new ProjectCatalog(Store, new SeededIds(99));
    }

    private void Start(int index)
    {
        var ids = new SeededIds(registries.Count + 1);
        var services = new EngineDependencies(
            Store,
            gates[index],
            new BryntumDialect(),
            Time,
            ids,
            Observer
        );
        var registry = new SequencerRegistry(services, options);
        registries.Add(registry);
        engines[index] = registry;
        sweepers[index] = new Sweeper(services, registry, new SweepOptions());
        parts[index] = services;
        offices[index] = new ProjectAdministration(services, registry, new ProjectCatalog(Store, ids));
        instances[index] = new SyncEventHandler(
            services,
            new SyncOptions { AllowAnonymous = true, Version = "test", Limits = rates },
            registry,
            new ProjectCatalog(Store, ids),
            presence(services),
            Limits
        );
    }

    public RecordingObserver Observer { get; } = new();

    public RecordedLimits Limits { get; } = new();

    /// <summary>The engines of an instance.</summary>
    public SequencerRegistry RegistryOf(int instance) => registries[instance];

    /// <summary>Ends an instance in good order and starts another in its place, which knows only what is stored.</summary>
    public async Task RestartAsync(int index)
    {
        await Task.WhenAll(registries.Select(static registry => registry.DrainAsync(CancellationToken.None)));
        Start(index);
    }

    public VirtualTime Time { get; }

    public FaultyStore Store { get; }

    public FakeGateway Gateway { get; }

    public ProjectCatalog Catalog { get; }

    public static Task RunAsync(VirtualTime time, Func<World, Task> scenario, int instances = 1) =>
        new World(time, instances).RunAsync(scenario);

    public Task<EventReply> HandleAsync(int instance, ClientEvent clientEvent) =>
        instances[instance].HandleAsync(clientEvent, CancellationToken.None);

    /// <summary>What an instance's timer does.</summary>
    public Task<SweepReport> SweepAsync(int instance) => sweepers[instance].SweepAsync(CancellationToken.None);

    /// <summary>What is asked of archives over HTTP, by way of one instance.</summary>
    public ArchiveAdministration ArchivesOf(int instance, ArchiveOptions options) => new(parts[instance], engines[instance], options);

    /// <summary>What an instance's timer does about scheduled archives.</summary>
    public ScheduledArchives ScheduleOf(int instance, IArchiveContainer container, ArchiveScheduleOptions schedule, IArchiveObserver observer) =>
        new(parts[instance], engines[instance].Loading, container, schedule, observer);

    /// <summary>What owners ask over HTTP, by way of one instance.</summary>
    public ProjectAdministration AdministrationOf(int instance) => offices[instance];

    /// <summary>What an instance's timer does about what is too old.</summary>
    public Task<CompactionReport> CompactAsync(RetentionOptions retention, int instance = 0) =>
        new Compactor(parts[instance], retention, registries[instance].Loading).CompactAsync(CancellationToken.None);

    /// <summary>An owner changes what a user may do, by way of one instance; without a user, what everybody may do.</summary>
    public Task<ProjectOutcome> GrantAsync(int instance, string? user, Role role) =>
        registries[instance].GrantAsync(Project, user, role, CancellationToken.None);

    /// <summary>From now on the instance's gateway calls never return: as if its process had died or frozen.</summary>
    public Gate GateOf(int instance) => gates[instance];

    public async Task<TestClient> JoinAsync(string user, int instance = 0)
    {
        var client = Open(user, instance);
        await client.LoginAsync();
        await client.LoadAsync();
        return client;
    }

    public TestClient Open(string user, int instance = 0) =>
        new(this, Gateway.Open($"c{++clients}"), user) { Instance = instance };

    /// <summary>Makes the project, plays the scenario, and ends all instances in good order.</summary>
    public async Task RunAsync(Func<World, Task> scenario, string? dataset = null)
    {
        var created = await Catalog.CreateAsync(
            Project,
            "Office move",
            Encoding.UTF8.GetBytes(dataset ?? OfficeMove),
            AccessList.OpenToEdit,
            CancellationToken.None
        );
        Assert.IsType<CreateResult.Created>(created);
        await scenario(this);
        await Task.WhenAll(registries.Select(static registry => registry.DrainAsync(CancellationToken.None)));
    }

    private sealed class NoPresence : IPresence
    {
        public Task EnterAsync(ConnectionId connection, string userName, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public Task LeaveAsync(ConnectionId connection, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
