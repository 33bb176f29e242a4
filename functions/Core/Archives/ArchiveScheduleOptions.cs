namespace ServerlessSync.Core.Archives;

/// <summary>How often projects are archived, and how long their archives are kept.</summary>
public sealed record ArchiveScheduleOptions
{
    /// <summary>The longest interval: with a longer one a month of work could be lost.</summary>
    public const int IntervalHoursMax = 31 * 24;

    /// <summary>The longest that archives are kept: a hundred years, as history is.</summary>
    public const int KeepDaysMax = 36_500;

    /// <summary>The most archives of one project that are kept whatever their age: each is a copy of all that it has.</summary>
    public const int KeepCountMax = 1_000;

    /// <summary>From the beginning of one round through all projects to the next. 1 hour to 31 days.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long an archive is kept when there are newer ones, and how long those of a deleted project are. 1 day or more.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The newest archives of a project that is there stay, whatever their age. 1 or more.</summary>
    public int KeepCount { get; init; } = 3;

    /// <summary>
    /// How long one call goes on. The timer shares a minute of the host with the sweep and the compaction, and the state of the largest project is
    /// read in one go.
    /// </summary>
    public TimeSpan WorkTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Calls that may come to nothing with one project, one after the other, until the round goes on with the next: one whose archive takes more time or
    /// memory than there is must not hold up all others.
    /// </summary>
    public int AttemptsMax { get; init; } = 5;
}
