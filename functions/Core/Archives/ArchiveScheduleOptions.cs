namespace ServerlessSync.Core.Archives;

/// <summary>How often projects are archived, and how long archives are kept.</summary>
public sealed record ArchiveScheduleOptions
{
    /// <summary>The longest interval, in hours. A longer one would risk more than a month of work.</summary>
    public const int IntervalHoursMax = 31 * 24;

    /// <summary>The longest retention, in days: a hundred years, as for history.</summary>
    public const int KeepDaysMax = 36_500;

    /// <summary>The most archives of one project that are kept whatever their age. Each is a copy of the whole project.</summary>
    public const int KeepCountMax = 1_000;

    /// <summary>The time from the beginning of one round to the beginning of the next. 1 hour to 31 days.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long an archive is kept once there are newer ones, and how long the archives of a deleted project are kept. 1 day or more.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How many of the newest archives of an existing project are kept whatever their age. 1 or more.</summary>
    public int KeepCount { get; init; } = 3;

    /// <summary>
    /// How long one call works. The timer shares one minute of the host with the sweep and the compaction, and a call may run over: the state of the
    /// largest project is read in one step.
    /// </summary>
    public TimeSpan WorkTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Consecutive attempts without progress on one project before the round continues with the next one. A project whose archive takes more time or
    /// memory than there is must not block the others.
    /// </summary>
    public int AttemptsMax { get; init; } = 5;
}
