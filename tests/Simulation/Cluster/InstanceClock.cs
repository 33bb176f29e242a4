using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The clock of an instance: its wall time may be off, its timestamps have a random origin, and its timers stop with it.</summary>
internal sealed class InstanceClock : TimeProvider
{
    /// <summary>Clocks in one cloud differ by milliseconds; the product tolerates a tenth of a second (SequencerOptions.RedeliveryAfter).</summary>
    private static readonly TimeSpan SkewMax = TimeSpan.FromMilliseconds(90);

    private readonly World world;
    private readonly Instance instance;
    private readonly TimeSpan skew;
    private readonly long origin;

    public InstanceClock(World world, Instance instance)
    {
        this.world = world;
        this.instance = instance;
        if (world.Scenario.Has(FaultKind.ClockSkew))
        {
            skew = world.ServiceDice.Between(-SkewMax, SkewMax);
            world.Faults.Note(FaultKind.ClockSkew);
        }

        origin = world.ServiceDice.Between(0, 1_000_000_000);
    }

    public override long TimestampFrequency => world.Time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => world.Time.GetTimestamp() + origin;

    public override DateTimeOffset GetUtcNow() => world.Time.GetUtcNow() + skew;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        world.Time.CreateTimer(inner => Fire(callback, inner), state, dueTime, period);

    private void Fire(TimerCallback callback, object? state)
    {
        if (instance.IsDead)
        {
            return;
        }

        if (instance.IsFrozen)
        {
            world.After(instance.FrozenFor, () => Fire(callback, state));
            return;
        }

        callback(state);
    }
}
