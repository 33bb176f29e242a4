using System.Diagnostics;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Shows that the checks can see: Core as it is passes, and Core with each planted defect does not.</summary>
internal sealed class MutationRun(int from, int seeds, int threads, string? report = null)
{
    /// <summary>
    /// Seeds that Core as it is must pass on the same way, so that it is not the way that fails. Each seed that shows a defect is run
    /// without it as well.
    /// </summary>
    private const int SeedsAsItIs = 50;

    private readonly Lock gate = new();

    /// <summary>Prints the table, and writes it to the report. 0 when every defect was noticed.</summary>
    public int Run(IReadOnlyList<Mutant> mutants)
    {
        var started = Stopwatch.GetTimestamp();
        var source = CoreSource.Read();
        foreach (var mutant in mutants)
        {
            source.Check(mutant);
        }

        var run = new MutantRun(source, from, seeds);
        var few = Math.Min(seeds, SeedsAsItIs);
        var asItIs = new MutantRun(source, from, few).Run(mutant: null);
        Console.WriteLine($"Core as it is: {asItIs.Text}, seeds {from} to {from + few - 1}, {asItIs.Time.TotalSeconds:F0} s");
        if (asItIs.IsCaught || asItIs.Text != "no violation")
        {
            Console.WriteLine($"seed {asItIs.Seed}: {asItIs.Promise}. Mutants say nothing as long as Core itself fails.");
            return 1;
        }

        var results = RunAll(run, mutants);
        var table = MutantReport.Of(results, from);
        Console.WriteLine($"\n{table}");
        if (report is not null)
        {
            File.WriteAllText(report, $"# Planted defects\n\nWritten by `--mutants --report`, from seed {from} on.\n\n{table}");
        }

        var survivors = results.Count(static result => !result.IsCaught);
        Console.WriteLine($"{mutants.Count} mutants, {survivors} survived, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        return survivors == 0 ? 0 : 1;
    }

    private List<MutantResult> RunAll(MutantRun run, IReadOnlyList<Mutant> mutants)
    {
        var results = new MutantResult[mutants.Count];
        var next = -1;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(Work, Campaign.StackBytes)).ToList();
        workers.ForEach(static worker => worker.Start());
        workers.ForEach(static worker => worker.Join());
        return [.. results];

        void Work()
        {
            while (Interlocked.Increment(ref next) is var index && index < mutants.Count)
            {
                var result = results[index] = RunGuarded(run, mutants[index]);
                lock (gate)
                {
                    Console.WriteLine(
                        result.IsCaught
                            ? $"caught {mutants[index].Name}: seed {result.Seed}: {result.Promise}: {Short(result.Text)}"
                            : $"SURVIVED {mutants[index].Name}: {result.Text}"
                    );
                }
            }
        }
    }

    /// <summary>One that cannot be compiled is as good as one that survives.</summary>
    private static MutantResult RunGuarded(MutantRun run, Mutant mutant)
    {
        try
        {
            var result = run.Run(mutant);
            return result.Seed is { } seed && !Simulator.Run(Scenario.Of(seed)).IsGood
                ? result with { Seed = null, Text = $"Core itself fails at seed {seed}" }
                : result;
        }
        catch (InvalidDataException exception)
        {
            return new MutantResult(mutant, Seed: null, string.Empty, exception.Message, TimeSpan.Zero);
        }
    }

    private static string Short(string text) => text.Length > 160 ? text[..160] + "..." : text;
}
