using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Composition.Telemetry;

/// <summary>Counts scheduled archives, and writes to the log what became of each.</summary>
public sealed partial class ArchiveTelemetry : IArchiveObserver
{
    private readonly ILogger logger;
    private readonly Counter<long> archived;
    private readonly Counter<long> bytes;
    private readonly Counter<long> failures;
    private readonly Counter<long> rounds;

    /// <summary>Makes the instruments.</summary>
    public ArchiveTelemetry(IMeterFactory meters, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(meters);
        this.logger = logger;
#pragma warning disable CA2000 // The factory owns it, and returns it when asked for the same name again.
        var meter = meters.Create(MeteringObserver.MeterName);
#pragma warning restore CA2000
        archived = meter.CreateCounter<long>("sync.archives.completed", "{archive}", "Scheduled archives that are complete in their container.");
        bytes = meter.CreateCounter<long>("sync.archives.bytes", "By", "Bytes of scheduled archives that are complete.");
        failures = meter.CreateCounter<long>("sync.archives.failures", "{project}", "Projects that could not be archived in a round.");
        rounds = meter.CreateCounter<long>("sync.archives.rounds", "{round}", "Rounds of scheduled archives that have seen all projects.");
    }

    /// <inheritdoc/>
    public void Archived(ProjectId project, long revision, string name, long bytes)
    {
        archived.Add(1);
        this.bytes.Add(bytes);
        LogArchived(logger, project, revision, name, bytes);
    }

    /// <inheritdoc/>
    public void NotArchived(ProjectId project, string reason)
    {
        failures.Add(1);
        LogNotArchived(logger, project, reason);
    }

    /// <inheritdoc/>
    public void RoundFinished(ArchiveRoundReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        rounds.Add(1);
        LogRound(logger, report.Archived, report.Unchanged, report.Failed, report.Duration.TotalMinutes);
    }

    [LoggerMessage(1, LogLevel.Information, "Project {Project}: archived at revision {Revision} as {Name}, {Bytes} bytes")]
    private static partial void LogArchived(ILogger logger, ProjectId project, long revision, string name, long bytes);

    [LoggerMessage(2, LogLevel.Error, "Project {Project}: not archived in this round: {Reason}")]
    private static partial void LogNotArchived(ILogger logger, ProjectId project, string reason);

    [LoggerMessage(
        3,
        LogLevel.Information,
        "Scheduled archives: a round ended; {Archived} projects archived, {Unchanged} unchanged, {Failed} failed, in {Minutes:F0} minutes"
    )]
    private static partial void LogRound(ILogger logger, int archived, int unchanged, int failed, double minutes);
}
