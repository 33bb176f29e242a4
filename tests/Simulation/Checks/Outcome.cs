namespace ServerlessSync.Simulation.Checks;

/// <summary>The result of a run.</summary>
internal sealed record Outcome(
    Scenario Scenario,
    IReadOnlyList<Violation> Violations,
    IReadOnlyList<int> Faults,
    Figures Figures,
    IReadOnlyList<string> Trace
)
{
    public bool IsGood => Violations.Count == 0;
}
