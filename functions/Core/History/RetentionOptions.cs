using ServerlessSync.Core.Engine;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.History;

/// <summary>The retention of a project's log, and the bounds of one compaction.</summary>
public sealed record RetentionOptions
{
    /// <summary>
    /// The minimum of <see cref="Age"/>: page sessions are remembered this long, and the outcomes of what they resend
    /// are read from the log.
    /// </summary>
    public static readonly TimeSpan AgeMin = DeduplicationState.SessionHorizon;

    /// <summary>A century; use 0 to keep revisions for ever.</summary>
    private const int DaysMax = 36_500;

    /// <summary>
    /// Revisions of at most this age can always be read and restored; null keeps all for ever. The default is a quarter
    /// of a year: long enough to explain a plan to a person who returns from leave, and a bound on the storage of a
    /// busy project.
    /// </summary>
    public TimeSpan? Age { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// By how much the oldest revision must exceed <see cref="Age"/> before a compaction, which rewrites the whole
    /// state. A busy project is compacted once per interval.
    /// </summary>
    public TimeSpan Slack { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Revisions that are kept whatever their age, because outcomes of resent and redelivered changes are searched in
    /// them (<see cref="SequencerOptions.RepeatSearchMax"/>, <see cref="SequencerOptions.CommitEntriesMax"/>).
    /// </summary>
    public int RevisionsKept { get; init; } = 3_000;

    /// <summary>
    /// Projects that one call checks, with two small reads each, which takes some seconds. The next call continues
    /// after them.
    /// </summary>
    public int ProjectsMax { get; init; } = 200;

    /// <summary>Projects that one call compacts, one after another: each is folded in memory.</summary>
    public int CompactionsMax { get; init; } = 4;

    /// <summary>Commits folded in one compaction; the next round continues after them.</summary>
    public int CommitsMax { get; init; } = 5_000;

    /// <summary>
    /// Rows that one call removes from a project, in small transactions; the next round removes more.
    /// </summary>
    public int RowsMax { get; init; } = 2_000;

    /// <summary>Reads a setting in days: null for the default, 0 to keep everything.</summary>
    /// <exception cref="InvalidOperationException">
    /// The setting is out of range, and the process must not start.
    /// </exception>
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
