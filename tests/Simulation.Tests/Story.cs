using ServerlessSync.Simulation.Checks;

namespace ServerlessSync.Simulation.Tests;

/// <summary>What a failing run is told as.</summary>
internal static class Story
{
    /// <summary>Enough to see what led to the violation; the command shows the rest.</summary>
    private const int Lines = 25;

    public static string Of(Outcome outcome)
    {
        var traced = Simulator.Run(outcome.Scenario, traces: true);
        var end = traced.Trace.ToList().FindIndex(static line => line.Contains("VIOLATION", StringComparison.Ordinal)) + 1;
        var tail = traced.Trace.Take(end).TakeLast(Lines);
        return $"""
            {outcome.Scenario}
            {outcome.Violations[0].Promise}: {outcome.Violations[0].Text}
            dotnet run -c Release --project tests/Simulation -- --seed {outcome.Scenario.Seed} --verbose
            {string.Join('\n', tail)}
            """;
    }
}
