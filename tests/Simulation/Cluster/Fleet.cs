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
        instances.Remove(instance);
        world.After(world.ServiceDice.Milliseconds(1, 3_000), Start);
    }

    /// <summary>A process gets no events any more, finishes what it has, and another one takes its place.</summary>
    public void Restart(Instance instance)
    {
        world.Trace.Note($"instance {instance.Number} is told to stop");
        instances.Remove(instance);
        Start();
        world.Spawn(instance.DrainAsync(), "draining");
    }

    private void Start() => instances.Add(new Instance(world, ++count));
}
