using ServerlessSync.Simulation.Checks;

namespace ServerlessSync.Simulation;

/// <summary>Repeats one seed, and searches for a smaller case that fails as well.</summary>
internal static class Replays
{
    private const int TailLines = 60;

    public static int Run(Scenario scenario, bool verbose, bool shrinks)
    {
        if (shrinks)
        {
            scenario = Shrink(scenario, static candidate => Simulator.Run(candidate), static smaller => Console.WriteLine($"fails too: {smaller}"));
        }

        Console.WriteLine(scenario);
        var outcome = Simulator.Run(scenario, traces: true);
        Print(outcome, verbose ? int.MaxValue : TailLines);
        return outcome.IsGood ? 0 : 1;
    }

    /// <summary>Prints the violations, and the events before the first one.</summary>
    public static void Print(Outcome outcome, int lines)
    {
        var first = outcome.Trace.ToList().FindIndex(static line => line.Contains("VIOLATION", StringComparison.Ordinal));
        var end = lines == int.MaxValue || first < 0 ? outcome.Trace.Count : first + 1;
        foreach (var line in outcome.Trace.Take(end).Skip(Math.Max(0, end - lines)))
        {
            Console.WriteLine(line);
        }

        foreach (var violation in outcome.Violations)
        {
            Console.WriteLine($"violation of {violation.Promise} at {violation.Time.TotalSeconds:F3} s: {violation.Text}");
        }
    }

    /// <summary>The smallest case found that breaks the same promise first; the case itself when it breaks none.</summary>
    public static Scenario Shrink(Scenario scenario, Func<Scenario, Outcome> run, Action<Scenario> found)
    {
        var best = scenario;
        var promise = run(best).Violations is [var first, ..] ? first.Promise : null;
        while (promise is not null && Smaller(best).FirstOrDefault(Fails) is { } smaller)
        {
            best = smaller;
            found(best);
        }

        return best;

        bool Fails(Scenario candidate) => run(candidate).Violations is [var first, ..] && first.Promise == promise;
    }

    private static IEnumerable<Scenario> Smaller(Scenario scenario)
    {
        foreach (var kind in scenario.Faults)
        {
            yield return scenario with { Faults = scenario.Faults.Remove(kind) };
        }

        if (scenario.Storm is not null)
        {
            yield return scenario with { Storm = null };
        }

        if (scenario.GoesHome)
        {
            yield return scenario with { GoesHome = false };
        }

        // Try other seeds of the same size, since a smaller world draws other numbers.
        for (var offset = 0; offset < 40; offset++)
        {
            var other = scenario with { Seed = scenario.Seed + (offset * 100_000) };
            if (other.Clients > 1)
            {
                yield return other with { Clients = other.Clients - 1 };
            }

            if (other.Instances > 1)
            {
                yield return other with { Instances = other.Instances - 1 };
            }

            if (other.Steps > 1)
            {
                yield return other with { Steps = other.Steps - 1 };
            }

            if (other.Projects > 1)
            {
                yield return other with { Projects = other.Projects - 1 };
            }
        }
    }
}
