namespace ServerlessSync.Simulation.Faults;

/// <summary>Decides when something goes wrong, and counts it.</summary>
internal sealed class FaultPlan(Scenario scenario, Dice dice)
{
    private readonly int[] counts = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>Nothing goes wrong any more.</summary>
    public bool IsResynced => ResyncedAt != TimeSpan.MaxValue;

    /// <summary>From when on that is so.</summary>
    public TimeSpan ResyncedAt { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Nothing goes wrong from now on.</summary>
    public void Resync(TimeSpan now) => ResyncedAt = now;

    public IReadOnlyList<int> Counts => counts;

    /// <summary>Whether the storm of this run is on.</summary>
    public bool IsStormy { get; set; }

    /// <summary>Whether anything has gone wrong so far.</summary>
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

    /// <summary>The time that faults took so far, added up over all processes, up to the end of what has begun.</summary>
    public TimeSpan TimeTaken { get; private set; }

    /// <summary>A fault takes this time.</summary>
    public TimeSpan Take(TimeSpan time)
    {
        TimeTaken += time;
        return time;
    }

    /// <summary>Counts what is wrong from the start and not at some moment.</summary>
    public void Note(FaultKind kind)
    {
        counts[(int)kind]++;
        HasStruck = true;
    }

    /// <summary>Whether the fault happens here; <paramref name="weight"/> scales the rate of the run.</summary>
    public bool Strikes(FaultKind kind, double weight = 1)
    {
        if (IsResynced || !dice.Chance(Rate(kind) * weight))
        {
            return false;
        }

        Note(kind);
        return true;
    }

    /// <summary>Whether the storm that is on brings this.</summary>
    public bool IsStormOf(FaultKind kind) => IsStormy && scenario.Storm is { } storm && storm.Kinds.Contains(kind);

    private double Rate(FaultKind kind) =>
        IsStormOf(kind) ? scenario.Storm!.Rate
        : scenario.Has(kind) ? scenario.FaultRate
        : 0;

    /// <summary>The first of the kinds that happens here; null for none.</summary>
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
