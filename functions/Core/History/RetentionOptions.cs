using ServerlessSync.Core.Engine;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.History;

/// <summary>How long a project's log is kept, and how much work one compaction does.</summary>
public sealed record RetentionOptions
{
    /// <summary>
    /// The least that <see cref="Age"/> may be set to: a page session is remembered so long, and when it resends something it is told from
    /// the log what became of it.
    /// </summary>
    public static readonly TimeSpan AgeMin = DeduplicationState.SessionHorizon;

    /// <summary>A century: beyond it for ever is meant.</summary>
    private const int DaysMax = 36_500;

    /// <summary>
    /// Revisions of at most this age can be read, and gone back to, for sure; null keeps all for ever. A quarter unless set: long enough
    /// for whoever comes back from leave and finds a plan that it does not know, and an end to what storage a lively project takes.
    /// </summary>
    public TimeSpan? Age { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How much older than <see cref="Age"/> the oldest revision is when a compaction is worth it, as it writes the whole state anew: a
    /// lively project is compacted once in so long.
    /// </summary>
    public TimeSpan Slack { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Revisions that stay whatever their age: what the answers to resent and redelivered changes are looked for in
    /// (<see cref="SequencerOptions.RepeatSearchMax"/>, <see cref="SequencerOptions.CommitEntriesMax"/>).
    /// </summary>
    public int RevisionsKept { get; init; } = 3_000;

    /// <summary>Projects that one call looks at, with two small reads each: some seconds. The next call goes on behind them.</summary>
    public int ProjectsMax { get; init; } = 200;

    /// <summary>Projects that one call compacts, one after the other: each of them is folded in memory.</summary>
    public int CompactionsMax { get; init; } = 4;

    /// <summary>Commits that are folded for a compaction; the next round goes on behind them.</summary>
    public int CommitsMax { get; init; } = 5_000;

    /// <summary>Rows that one call removes from a project, in transactions of some rows each; the rest goes in the next round.</summary>
    public int RowsMax { get; init; } = 2_000;

    /// <summary>What a setting in days says: null for the default, 0 to keep everything.</summary>
    /// <exception cref="InvalidOperationException">The process must not start: less is not safe.</exception>
    public static RetentionOptions OfDays(int? days) =>
        days switch
        {
            null => new RetentionOptions(),
            0 => new RetentionOptions { Age = null },
            { } count when count >= AgeMin.TotalDays && count <= DaysMax => new RetentionOptions { Age = TimeSpan.FromDays(count) },
            _ => throw new InvalidOperationException(
                $"needs {(int)AgeMin.TotalDays} to {DaysMax} days, or 0 to keep everything."
            ),
        };
}
