using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Simulation.Clients;
using ServerlessSync.Simulation.Cluster;
using ServerlessSync.Simulation.Faults;
using ServerlessSync.Simulation.Service;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Simulation;

/// <summary>All parts of one run. It stays on one thread.</summary>
internal sealed class World
{
    private readonly List<Violation> violations = [];
    private readonly Dice dice;

    public World(Scenario scenario, VirtualTime time, bool traces)
    {
        Scenario = scenario;
        Time = time;
        Trace = new Trace(time, traces);
        dice = new Dice((ulong)scenario.Seed);
        ServiceDice = dice.Fork();
        Faults = new FaultPlan(scenario, dice.Fork());
        if (scenario.Shuffles)
        {
            var order = dice.Fork();
            time.Choose = order.Below;
        }

        Vault = new Vault(this);
        Service = new PubSub(this);
        Cluster = new Fleet(this);
        SideProjects = new SideProjects(this, new Dice(((ulong)scenario.Seed * 49_979_687) + 5));
        Archivist = new Archivist(this, new Dice(((ulong)scenario.Seed * 67_867_967) + 19));
        Projects = [.. Enumerable.Range(1, scenario.Projects).Select(static number => new ProjectId(JsonId.Of(number)))];
    }

    public Scenario Scenario { get; }

    public VirtualTime Time { get; }

    public Trace Trace { get; }

    /// <summary>Draws latencies and routes.</summary>
    public Dice ServiceDice { get; }

    public FaultPlan Faults { get; }

    public Vault Vault { get; }

    public PubSub Service { get; }

    public Fleet Cluster { get; }

    public SideProjects SideProjects { get; }

    public Archivist Archivist { get; }

    public IReadOnlyList<ProjectId> Projects { get; }

    public Figures Figures { get; } = new();

    public List<Person> People { get; } = [];

    /// <summary>The dataset revision that a page session stated with a change when it last sent it, by session and JSON text of the local revision.</summary>
    public Dictionary<(string Session, string Local), long> Stated { get; } = [];

    /// <summary>The finished snapshots, and their instances.</summary>
    public List<(ProjectId Project, long Revision, int Instance)> Snapshots { get; } = [];

    public IReadOnlyList<Violation> Violations => violations;

    /// <summary>Whether a role of the user has changed in any project. It is any, since an answer may concern the previous project.</summary>
    public bool HasChangedRightsOf(string user) => Projects.Any(project => Vault.Ledger.Of(project).Access.Concerned(user));

    public Dice NewDice() => dice.Fork();

    public void Violate(string promise, string text)
    {
        Trace.Note($"VIOLATION {promise}: {text}");
        violations.Add(new Violation(promise, text, Time.Elapsed));
    }

    /// <summary>Runs an action later, exact to the tick, unlike <see cref="Task.Delay(TimeSpan, TimeProvider)"/>. Exceptions are violations.</summary>
    public void After(TimeSpan delay, Action action) =>
        Time.CreateTimer(static state => ((LaterAction)state!).Run(), new LaterAction(this, action), delay, Timeout.InfiniteTimeSpan);

    /// <summary>Observes a task in the background. Exceptions are violations.</summary>
    public void Spawn(Task task, string what) => _ = WatchAsync(task, what);

    private async Task WatchAsync(Task task, string what)
    {
        try
        {
            await task;
        }
#pragma warning disable CA1031 // Every exception is a violation.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Violate("P8 no surprises", $"{what}: {exception}");
        }
    }

    private sealed class LaterAction(World world, Action action)
    {
        public void Run()
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // Every exception is a violation.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                world.Violate("P8 no surprises", $"a later action: {exception}");
            }
        }
    }
}
