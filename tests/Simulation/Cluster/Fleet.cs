using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The running instances.</summary>
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

    /// <summary>The total time for which instances stay frozen.</summary>
    public TimeSpan FrozenFor => instances.Aggregate(TimeSpan.Zero, static (sum, instance) => sum + instance.FrozenFor);

    /// <summary>The instance that gets the next event, healthy or frozen; null when there is none.</summary>
    public Instance? Pick() => instances.Count == 0 ? null : world.ServiceDice.Pick(instances);

    /// <summary>The same, with a load balancer that often prefers the instance that it used before.</summary>
    public Instance? Pick(Instance? known) =>
        known is not null && instances.Contains(known) && world.ServiceDice.Chance(0.4) ? known : Pick();

    /// <summary>Kills an instance, and starts a new one up to 3 s later.</summary>
    public void Replace(Instance instance)
    {
        instance.Die();
        LastDeath = world.Time.Elapsed;
        instances.Remove(instance);
        world.Faults.Take(world.Scenario.Options.LeaseTime);
        world.After(world.Faults.Take(world.ServiceDice.Milliseconds(1, 3_000)), Start);
    }

    /// <summary>Starts a new instance, and asks this one to finish its work and stop. It gets no more events.</summary>
    public void Restart(Instance instance)
    {
        world.Trace.Note($"instance {instance.Number} is told to stop");
        instances.Remove(instance);
        Start();
        world.Spawn(instance.DrainAsync(), "draining");
    }

    /// <summary>When an instance died last.</summary>
    public TimeSpan LastDeath { get; private set; } = TimeSpan.MinValue;

    /// <summary>Applies the effect of a storm to an instance.</summary>
    public void Strike(Stroke stroke, ProjectId project)
    {
        // About the lease time or longer, so that others take the lease over or nearly do.
        var time = world.ServiceDice.Milliseconds(4_500, 11_000);
        switch (stroke)
        {
            case Stroke.HolderDies when Holder(project) is { } holder:
                world.Faults.Note(FaultKind.InstanceDeath);
                Replace(holder);
                break;
            case Stroke.HolderFreezes when Holder(project) is { IsFrozen: false } holder:
                world.Faults.Note(FaultKind.InstanceFreeze);
                holder.Freeze(time);
                break;
            case Stroke.OneFreezes when Pick() is { IsFrozen: false } one:
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
