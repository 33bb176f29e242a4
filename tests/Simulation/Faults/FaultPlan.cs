namespace ServerlessSync.Simulation.Faults;

/// <summary>Decides when a fault strikes, and counts faults.</summary>
internal sealed class FaultPlan(Scenario scenario, Dice dice)
{
    private readonly int[] counts = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>Whether all faults have ended.</summary>
    public bool HaveEnded => EndedAt != TimeSpan.MaxValue;

    /// <summary>When they ended; <see cref="TimeSpan.MaxValue"/> before.</summary>
    public TimeSpan EndedAt { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Ends all faults.</summary>
    public void End(TimeSpan now) => EndedAt = now;

    public IReadOnlyList<int> Counts => counts;

    /// <summary>Whether a storm is on.</summary>
    public bool IsStormy { get; set; }

    /// <summary>Whether any fault has struck so far.</summary>
    public bool HasStruck { get; private set; }

    public bool HaveStruck(params ReadOnlySpan<FaultKind> kinds)
    {
        foreach (var kind in kinds)
        {
            if (counts[(int)kind] > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The total time that faults have taken, over all instances, including the rest of those in progress.</summary>
    public TimeSpan TimeTaken { get; private set; }

    /// <summary>Adds the time of a fault, and returns it.</summary>
    public TimeSpan Take(TimeSpan time)
    {
        TimeTaken += time;
        return time;
    }

    /// <summary>Counts a fault.</summary>
    public void Note(FaultKind kind)
    {
        counts[(int)kind]++;
        HasStruck = true;
    }

    /// <summary>Whether the fault strikes here; <paramref name="weight"/> scales the rate of the run.</summary>
    public bool Strikes(FaultKind kind, double weight = 1)
    {
        if (HaveEnded || !dice.Chance(Rate(kind) * weight))
        {
            return false;
        }

        Note(kind);
        return true;
    }

    /// <summary>Whether a storm is on that brings this kind.</summary>
    public bool IsStormOf(FaultKind kind) => IsStormy && scenario.Storm is { } storm && storm.Kinds.Contains(kind);

    private double Rate(FaultKind kind) =>
        IsStormOf(kind) ? scenario.Storm!.Rate
        : scenario.Has(kind) ? scenario.FaultRate
        : 0;

    /// <summary>The first of the kinds that strikes here; null for none.</summary>
    public FaultKind? Strike(params ReadOnlySpan<FaultKind> kinds)
    {
        foreach (var kind in kinds)
        {
            if (Strikes(kind))
            {
                return kind;
            }
        }

        return null;
    }
}
