namespace ServerlessSync.Simulation.Faults;

/// <summary>Decides when something goes wrong, and counts it.</summary>
internal sealed class FaultPlan(Scenario scenario, Dice dice)
{
    private readonly int[] counts = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>Nothing goes wrong from now on.</summary>
    public bool IsHealed { get; set; }

    public IReadOnlyList<int> Counts => counts;

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

    /// <summary>Counts what is wrong from the start and not at some moment.</summary>
    public void Note(FaultKind kind)
    {
        counts[(int)kind]++;
        HasStruck = true;
    }

    /// <summary>Whether the fault happens here; <paramref name="weight"/> scales the rate of the run.</summary>
    public bool Strikes(FaultKind kind, double weight = 1)
    {
        if (IsHealed || !scenario.Has(kind) || !dice.Chance(scenario.FaultRate * weight))
        {
            return false;
        }

        Note(kind);
        return true;
    }

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
