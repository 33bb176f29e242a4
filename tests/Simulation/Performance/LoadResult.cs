namespace ServerlessSync.Simulation.Performance;

/// <summary>What a run has shown.</summary>
internal sealed class LoadResult
{
    public LoadResult(LoadWorld world, LoadCounts counts)
    {
        Case = world.Case;
        Counts = counts;
        Failures = world.Failures;
        PerSecond = counts.Revisions / world.Case.Measured.TotalSeconds;
        Author = Percentiles(world.AuthorLatencies);
        Everybody = Percentiles([.. world.ToEverybody()]);
        LongestWait = world.Clients.Max(static client => client.LongestWait);
    }

    public LoadCase Case { get; }

    /// <summary>What happened within the measured time.</summary>
    public LoadCounts Counts { get; }

    /// <summary>Lost, doubled or disordered edits, and whatever else must not be; empty when all is well.</summary>
    public IReadOnlyList<string> Failures { get; }

    /// <summary>Accepted revisions per second.</summary>
    public double PerSecond { get; }

    /// <summary>From an edit to its arrival at its author, in milliseconds.</summary>
    public (double Half, double Most) Author { get; }

    /// <summary>From an edit to its arrival at the last client, in milliseconds.</summary>
    public (double Half, double Most) Everybody { get; }

    /// <summary>The longest that any client has waited for an edit of its own.</summary>
    public TimeSpan LongestWait { get; }

    /// <summary>Something counted, for each accepted revision.</summary>
    public double Per(Func<LoadCounts, long> count) =>
        Counts.Revisions == 0 ? double.NaN : (double)count(Counts) / Counts.Revisions;

    private static (double Half, double Most) Percentiles(List<TimeSpan> times)
    {
        if (times.Count == 0)
        {
            return (double.NaN, double.NaN);
        }

        times.Sort();
        return (times[times.Count / 2].TotalMilliseconds, times[times.Count * 99 / 100].TotalMilliseconds);
    }
}
