namespace ServerlessSync.Simulation.Faults;

/// <summary>Decides when something goes wrong, and counts it.</summary>
internal sealed class FaultPlan(Scenario scenario, Dice dice)
{
    private readonly int[] counts = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>Nothing goes wrong from now on.</summary>
    public bool IsHealed { get; set; }

    public IReadOnlyList<int> Counts => counts;

    /// <summary>Whether the fault happens here; <paramref name="weight"/> scales the rate of the run.</summary>
    public bool Strikes(FaultKind kind, double weight = 1)
    {
        if (IsHealed || !scenario.Has(kind) || !dice.Chance(scenario.FaultRate * weight))
        {
            return false;
        }

        counts[(int)kind]++;
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
