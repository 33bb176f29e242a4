using System.Diagnostics;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation;

/// <summary>Many runs on several threads; each world stays on one of them.</summary>
internal sealed class Campaign(int from, int count, int threads, bool stopsAtViolation)
{
    /// <summary>Calls that complete synchronously continue on the same stack, which can get deep.</summary>
    public const int StackBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly long[] faults = new long[Enum.GetValues<FaultKind>().Length];
    private readonly Figures figures = new();
    private readonly List<Outcome> bad = [];
    private readonly long started = Stopwatch.GetTimestamp();
    private long lastReport = Stopwatch.GetTimestamp();
    private int next;
    private int done;

    public IReadOnlyList<Outcome> Bad => bad;

    public Figures Figures => figures;

    public int Run()
    {
        RunAll();
        Summarize();
        foreach (var outcome in bad.OrderBy(static outcome => outcome.Scenario.Seed).Take(1))
        {
            Console.WriteLine($"\n{outcome.Scenario}");
            Replays.Print(Simulator.Run(outcome.Scenario, traces: true), lines: 40);
        }

        return bad.Count == 0 ? 0 : 1;
    }

    /// <summary>Runs without output.</summary>
    public void RunAll()
    {
        var workers = Enumerable
            .Range(0, threads)
            .Select(_ => new Thread(Work, StackBytes))
            .ToList();
        workers.ForEach(static worker => worker.Start());
        workers.ForEach(static worker => worker.Join());
    }

    private void Work()
    {
        while (true)
        {
            var index = Interlocked.Increment(ref next) - 1;
            lock (gate)
            {
                if (index >= count || (stopsAtViolation && bad.Count > 0))
                {
                    return;
                }
            }

            Note(Simulator.Run(Scenario.Of(from + index)));
        }
    }

    private void Note(Outcome outcome)
    {
        lock (gate)
        {
            done++;
            figures.Add(outcome.Figures);
            for (var kind = 0; kind < faults.Length; kind++)
            {
                faults[kind] += outcome.Faults[kind];
            }

            if (!outcome.IsGood)
            {
                bad.Add(outcome);
                Console.WriteLine($"seed {outcome.Scenario.Seed}: {outcome.Violations[0].Promise}: {Short(outcome.Violations[0].Text)}");
            }

            if (Stopwatch.GetElapsedTime(lastReport) > ReportInterval)
            {
                lastReport = Stopwatch.GetTimestamp();
                Console.WriteLine($"{done} of {count}, {PerSecond():F0} runs/s, violations: {bad.Count}");
            }
        }
    }

    private static string Short(string text) => text.Length > 300 ? text[..300] + "..." : text;

    private double PerSecond() => done / Stopwatch.GetElapsedTime(started).TotalSeconds;

    private void Summarize()
    {
        Console.WriteLine($"{done} runs, {PerSecond():F0} per second");
        Console.WriteLine(
            $"changes: {figures.Submitted} submitted, {figures.Accepted} accepted, {figures.Echoed} echoed to their authors; "
                + $"{figures.Datasets} datasets, {figures.Resets} resets ({figures.Restores} of them restores), {figures.Archives} restores from archives, {figures.Compactions} compactions, {figures.Versions} contents of versions, {figures.Repeats} repetitions, {figures.Drops} connections dropped, "
                + $"{figures.Tolerated} late own revisions, {figures.Early} revisions before an awaited dataset, {figures.Stumbles} stumbles, {figures.Refused} changes refused as perhaps outdated, {figures.Swept} projects published by a sweep; longest turn of an event {figures.LongestTurn.TotalSeconds:F1} s (seed {figures.LongestTurnSeed}), "
                + $"without faults {figures.LongestHealthyTurn.TotalSeconds:F1} s; longest wait of an author, its queue included, {figures.LongestWait.TotalSeconds:F1} s"
        );
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            Console.WriteLine($"  {kind,-26}{faults[(int)kind],12}");
        }

        Console.WriteLine($"violations: {bad.Count}");
    }
}
