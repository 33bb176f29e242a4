namespace ServerlessSync.Simulation.Performance;

/// <summary>Prints results, one line each.</summary>
internal static class LoadTable
{
    public static void PrintHeader()
    {
        Console.WriteLine("                          ms to author   ms to everybody  longest  for each accepted revision");
        Console.WriteLine(
            "inst clients      rev/s    p50     p99      p50     p99   wait s   batch  trans   lost  entit  reads  query   REST  events  frames    2KB  503s"
        );
    }

    public static void Print(LoadResult result, string note)
    {
        var counts = result.Counts;
        Console.WriteLine(
            $"{result.Case.Instances,4}{result.Case.Clients,8}{result.PerSecond,11:F0}"
                + $"{result.Author.Half,7:F0}{result.Author.Most,8:F0}{result.Everybody.Half,9:F0}{result.Everybody.Most,8:F0}"
                + $"{result.LongestWait.TotalSeconds,9:F2}"
                + $"{(double)counts.Revisions / counts.Commits,8:F1}"
                + $"{result.Per(static count => count.Transactions),7:F3}{result.Per(static count => count.LostTransactions),7:F3}"
                + $"{result.Per(static count => count.Entities),7:F3}{result.Per(static count => count.PointReads),7:F3}"
                + $"{result.Per(static count => count.Queries),7:F3}{result.Per(static count => count.RestCalls),7:F3}"
                + $"{result.Per(static count => count.Events),8:F2}{result.Per(static count => count.Frames),8:F1}"
                + $"{result.Per(static count => count.FrameUnits),7:F1}{counts.TurnedAway,6}  {note}"
        );
        foreach (var failure in result.Failures)
        {
            Console.WriteLine($"     FAILED: {failure}");
        }
    }
}
