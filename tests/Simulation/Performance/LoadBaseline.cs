using System.Globalization;

namespace ServerlessSync.Simulation.Performance;

/// <summary>
/// The figures of an earlier <c>bench</c>, kept in a file of comma-separated values. Virtual time makes them the same on every machine,
/// so a difference is a difference of the code.
/// </summary>
internal static class LoadBaseline
{
    /// <summary>By how much a figure may be worse. Smaller differences come from other interleavings of the same work.</summary>
    private const double Tolerance = 0.05;

    private const string Header = "instances,clients,revisions per second,p50 to author (ms),p99 to author (ms),requests per revision";

    public static void Write(string path, IEnumerable<LoadResult> results) => File.WriteAllLines(path, results.Select(ToLine).Prepend(Header));

    /// <summary>What became worse than the baseline by more than the tolerance, or is not in it. One text for each.</summary>
    public static IReadOnlyList<string> Compare(string path, IEnumerable<LoadResult> results)
    {
        var lines = File.ReadLines(path).Skip(1).Select(static line => line.Split(',')).ToDictionary(static cells => (cells[0], cells[1]));
        return [.. results.SelectMany(result => Compare(lines, ToLine(result).Split(',')))];
    }

    private static IEnumerable<string> Compare(Dictionary<(string, string), string[]> baseline, string[] now)
    {
        var name = $"{now[0]} instances, {now[1]} clients";
        if (!baseline.TryGetValue((now[0], now[1]), out var before))
        {
            yield return $"{name}: the baseline has no such case.";
            yield break;
        }

        var titles = Header.Split(',');
        for (var column = 2; column < titles.Length; column++)
        {
            var (old, current) = (Number(before[column]), Number(now[column]));
            // Throughput is the only figure of which more is better.
            var loss = column == 2 ? old - current : current - old;
            if (!(loss <= old * Tolerance))
            {
                yield return $"{name}: {titles[column]} was {before[column]} and is {now[column]}.";
            }
        }
    }

    private static string ToLine(LoadResult result)
    {
        var requests = result.Per(static count => count.Transactions + count.LostTransactions + count.PointReads + count.Queries + count.RestCalls);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Case.Instances},{result.Case.Clients},{result.PerSecond:F0},{result.Author.Half:F0},{result.Author.Most:F0},{requests:F3}"
        );
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
