using System.Text;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Protocol;
using ServerlessSync.Support.Time;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Simulation.Performance;

/// <summary>
/// The product in virtual time without any fault: what a project can do when storage and service answer as fast as stated. The
/// time that a processor needs is not in it.
/// </summary>
internal sealed class LoadWorld
{
    private readonly Dice dice;
    private readonly List<SyncEventHandler> instances = [];
    private readonly List<string> failures = [];
    private readonly Dictionary<long, TimeSpan> shownToAll = [];
    private readonly Dictionary<long, IReadOnlyList<LoadRevision>> frames = [];
    private IReadOnlyList<LoadRevision>? lastFrame;
    private ILookup<string, LoadRevision> byAuthor = Array.Empty<LoadRevision>().ToLookup(static revision => revision.Client);
    private TimeSpan measuredFrom = TimeSpan.MaxValue;
    private TimeSpan measuredTo = TimeSpan.MaxValue;

    public LoadWorld(LoadCase load, VirtualTime time)
    {
        Case = load;
        Time = time;
        dice = new Dice((ulong)load.Seed);
        Service = new LoadService(this);
        Clients = [.. Enumerable.Range(0, load.Clients).Select(number => new LoadClient(this, number))];
        for (var number = 1; number <= load.Instances; number++)
        {
            instances.Add(NewInstance(number));
        }
    }

    public static ProjectId Project { get; } = new(JsonId.Of(1));

    public LoadCase Case { get; }

    public VirtualTime Time { get; }

    public MemoryTableStore Tables { get; } = new();

    public LoadService Service { get; }

    public IReadOnlyList<LoadClient> Clients { get; }

    public LoadCounts Counts { get; } = new();

    public IReadOnlyList<string> Failures => failures;

    /// <summary>From an edit to its arrival at its author, for edits that came back within the measured time.</summary>
    public List<TimeSpan> AuthorLatencies { get; } = [];

    public IEventHandler PickInstance() => dice.Pick(instances);

    public TimeSpan HalfLatency() => dice.Between(Case.LatencyMin, Case.LatencyMax) / 2;

    public TimeSpan Hop() => dice.Between(LoadCase.HopMin, LoadCase.HopMax);

    /// <summary><c>ce-time</c> has whole seconds (docs/protocol-facts.md#event-requests).</summary>
    public DateTimeOffset ServiceTime()
    {
        var now = Time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }

    public TimeSpan Think() => dice.Between(TimeSpan.Zero, Case.ThinkMax);

    /// <summary>Lets time pass to the tick; <see cref="Task.Delay(TimeSpan, TimeProvider)"/> counts whole milliseconds.</summary>
    public Task PassAsync(TimeSpan time)
    {
        var passed = new TaskCompletionSource();
        After(time, passed.SetResult);
        return passed.Task;
    }

    public void After(TimeSpan time, Action action) =>
        Time.CreateTimer(static state => ((Action)state!)(), action, time, Timeout.InfiniteTimeSpan);

    public void Fail(string text)
    {
        if (failures.Count < 10)
        {
            failures.Add($"{Time.Elapsed}: {text}");
        }
    }

    public async Task<LoadResult> RunAsync()
    {
        await CreateAsync();
        await Task.WhenAll(Clients.Select(static client => client.JoinAsync()));
        var stop = false;
        var typing = Clients.Select(client => client.TypeAsync(() => !stop)).ToList();
        await PassAsync(Case.WarmUp);
        measuredFrom = Time.Elapsed;
        measuredTo = measuredFrom + Case.Measured;
        var before = Counts with { };
        await PassAsync(Case.Measured);
        var counts = Counts.Since(before);
        stop = true;
        await Task.WhenAll(typing);
        await CheckAsync();
        return new LoadResult(this, counts);
    }

    /// <summary>Every edit is in the log once, each author's in their order, and all clients were shown the whole log.</summary>
    private async Task CheckAsync()
    {
        var log = new ProjectLog(Tables, Project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!.Value;
        var found = new int[Clients.Count];
        await foreach (var entry in log.ReadEntriesAsync(1, head.Revision, CancellationToken.None))
        {
            var author = int.Parse(entry.Origin.Connection.Value.AsSpan(1));
            if (!string.Equals(entry.LocalRevision, $"\"local-{++found[author]}\"", StringComparison.Ordinal))
            {
                Fail($"revision {entry.Revision} is {entry.LocalRevision} of c{author}, not its number {found[author]}");
            }
        }

        foreach (var client in Clients)
        {
            if (client.Revision != head.Revision || client.Echoed != client.Submitted || found[client.Number] != client.Submitted)
            {
                Fail(
                    $"{client.Connection} made {client.Submitted} edits, {found[client.Number]} were stored, {client.Echoed} came back; "
                        + $"it was shown {client.Revision} of {head.Revision} revisions"
                );
            }
        }
    }

    /// <summary>The revisions of one author in a frame; found once for all receivers.</summary>
    public IEnumerable<LoadRevision> OfAuthor(IReadOnlyList<LoadRevision> revisions, ConnectionId author)
    {
        if (!ReferenceEquals(revisions, lastFrame))
        {
            lastFrame = revisions;
            byAuthor = revisions.ToLookup(static revision => revision.Client, StringComparer.Ordinal);
        }

        return byAuthor[author.Value];
    }

    public void Echoed(TimeSpan submitted, TimeSpan waited)
    {
        if (submitted >= measuredFrom && submitted + waited <= measuredTo)
        {
            AuthorLatencies.Add(waited);
        }
    }

    /// <summary>Notes that a client was shown a frame; after the last client, all have it.</summary>
    public void Shown(IReadOnlyList<LoadRevision> revisions, TimeSpan arrival)
    {
        if (arrival < measuredFrom || arrival > measuredTo)
        {
            return;
        }

        var key = revisions[0].Number;
        shownToAll[key] = shownToAll.TryGetValue(key, out var latest) && latest > arrival ? latest : arrival;
        frames[key] = revisions;
    }

    /// <summary>How long each edit took to reach all clients.</summary>
    public IEnumerable<TimeSpan> ToEverybody()
    {
        foreach (var (key, arrival) in shownToAll)
        {
            foreach (var revision in frames[key])
            {
                var client = Clients[int.Parse(revision.Client.AsSpan(1))];
                var local = int.Parse(revision.Local.AsSpan("local-".Length));
                if (client.SubmittedAt(local) is var submitted && submitted >= measuredFrom)
                {
                    yield return arrival - submitted;
                }
            }
        }
    }

    private SyncEventHandler NewInstance(int number)
    {
        var ids = new SeededIds((Case.Seed * 1000) + number);
        var store = new LoadStore(this);
        var services = new EngineDependencies(store, new LoadGateway(this), new BryntumDialect(), Time, ids, new LoadObserver(this));
        return new SyncEventHandler(
            services,
            new SyncOptions { AllowAnonymous = true, Version = "simulation", Limits = RateLimitOptions.Off },
            new SequencerRegistry(services, Case.Options),
            new ProjectCatalog(store, ids),
            NoPresence.Instance
        );
    }

    /// <summary>One task per client, so that no edit depends on another client's.</summary>
    private async Task CreateAsync()
    {
        var tasks = string.Join(',', Clients.Select(static client => $$"""{"id":{{client.Number + 1}},"name":"Task"}"""));
        var catalog = new ProjectCatalog(Tables, new SeededIds(Case.Seed));
        await catalog.CreateAsync(
            Project,
            "Load",
            Encoding.UTF8.GetBytes($$"""{"tasksData":[{{tasks}}]}"""),
            new AccessList(Role.Editor, new Dictionary<string, Role>()),
            CancellationToken.None
        );
    }

    private sealed class NoPresence : IPresence
    {
        public static readonly NoPresence Instance = new();

        public Task EnterAsync(ConnectionId connection, string userName, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public Task LeaveAsync(ConnectionId connection, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
