using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The processes that are there now.</summary>
internal sealed class Fleet
{
    private readonly World world;
    private readonly List<Instance> instances = [];
    private int count;

    public Fleet(World world)
    {
        this.world = world;
        for (var index = 0; index < world.Scenario.Instances; index++)
        {
            Start();
        }
    }

    public IReadOnlyList<Instance> Instances => instances;

    /// <summary>How long those that stand still go on doing so, all together.</summary>
    public TimeSpan FrozenFor => instances.Aggregate(TimeSpan.Zero, static (sum, instance) => sum + instance.FrozenFor);

    /// <summary>The process that gets an event; the service does not know whether it is well. Null when there is none.</summary>
    public Instance? Pick() => instances.Count == 0 ? null : world.ServiceDice.Pick(instances);

    /// <summary>The same, where a balancer often goes back to the process that it knows.</summary>
    public Instance? Pick(Instance? known) =>
        known is not null && instances.Contains(known) && world.ServiceDice.Chance(0.4) ? known : Pick();

    /// <summary>A process dies, and another one is started a little later.</summary>
    public void Replace(Instance instance)
    {
        instance.Die();
        LastDeath = world.Time.Elapsed;
        instances.Remove(instance);
        world.Faults.Take(world.Scenario.Options.LeaseTime);
        world.After(world.Faults.Take(world.ServiceDice.Milliseconds(1, 3_000)), Start);
    }

    /// <summary>A process gets no events any more, finishes what it has, and another one takes its place.</summary>
    public void Restart(Instance instance)
    {
        world.Trace.Note($"instance {instance.Number} is told to stop");
        instances.Remove(instance);
        Start();
        world.Spawn(instance.DrainAsync(), "draining");
    }

    /// <summary>When a process died last.</summary>
    public TimeSpan LastDeath { get; private set; } = TimeSpan.MinValue;

    /// <summary>What a storm does to a process.</summary>
    public void Strike(Stroke stroke, ProjectId project)
    {
        // Long enough for others to take the lease over, or nearly.
        var time = world.ServiceDice.Milliseconds(4_500, 11_000);
        switch (stroke)
        {
            case Stroke.HolderDies when Holder(project) is { } holder:
                world.Faults.Note(FaultKind.InstanceDeath);
                Replace(holder);
                break;
            case Stroke.HolderStands when Holder(project) is { IsFrozen: false } holder:
                world.Faults.Note(FaultKind.InstanceFreeze);
                holder.Freeze(time);
                break;
            case Stroke.OneStands when Pick() is { IsFrozen: false } one:
                world.Faults.Note(FaultKind.InstanceFreeze);
                one.Freeze(time);
                break;
            default:
                break;
        }
    }

    private Instance? Holder(ProjectId project)
    {
        var owner = world.Vault.Ledger.Of(project).Head.LeaseOwner;
        return instances.Find(instance => owner.StartsWith(instance.IdPrefix, StringComparison.Ordinal));
    }

    private void Start() => instances.Add(new Instance(world, ++count));
}
