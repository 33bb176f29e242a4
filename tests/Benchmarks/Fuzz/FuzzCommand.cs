using System.CommandLine;
using System.Globalization;

namespace ServerlessSync.Benchmarks.Fuzz;

/// <summary><c>fuzz</c>: runs mutated change sets through reader, decision and fold.</summary>
internal static class FuzzCommand
{
    private const int Found = 1;

    private static readonly Option<int> Count = new("--count")
    {
        Description = "Change sets to try.",
        DefaultValueFactory = _ => 1_000_000,
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Decides every mutation.",
        DefaultValueFactory = _ => 1,
    };

    public static Command Create()
    {
        var command = new Command("fuzz", "Mutates change sets and looks for crashes, broken promises, and time or memory without bound.")
        {
            Count,
            Seed,
        };
        command.SetAction(static parsed => Run(parsed.GetValue(Count), parsed.GetValue(Seed)));
        return command;
    }

    private static int Run(int count, int seed)
    {
        var run = new FuzzRun(seed);
        var started = TimeProvider.System.GetTimestamp();
        var finding = run.Try(count);
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                change sets      {run.Tried}
                  no frame       {run.Malformed}
                  refused        {run.Refused}
                  accepted       {run.Accepted}, of these cut {run.Cut}
                datasets served  {run.Served}
                slowest          {run.Slowest.TotalMilliseconds:0.0} ms (case {run.SlowestCase})
                heap at the end  {run.HeapBytes / 1024 / 1024} MiB
                time             {seconds:0.0} s, {run.Tried / seconds:0} change sets/s
                """
            )
        );
        if (finding is null)
        {
            return 0;
        }

        Console.Error.WriteLine($"seed {seed}, case {run.Tried}: {finding}");
        return Found;
    }
}
