using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Composition.Telemetry;

/// <summary>Logs the events of the engine. Never logs contents or tokens.</summary>
public sealed partial class LoggingObserver(ILogger logger) : ISyncObserver, IPresenceObserver
{
    /// <summary>The most records that one log line names: enough examples to find the rest.</summary>
    private const int RenamedShownMax = 20;

    /// <inheritdoc/>
    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration) =>
        LogCommitted(logger, project, revision, entries, attempts, duration.TotalMilliseconds);

    /// <inheritdoc/>
    public void Published(ProjectId project, long revision, TimeSpan duration) =>
        LogPublished(logger, project, revision, duration.TotalMilliseconds);

    /// <inheritdoc/>
    public void Joined(ProjectId project, ConnectionId connection, long revision) =>
        LogJoined(logger, connection, project, revision);

    /// <inheritdoc/>
    public void Resynced(ProjectId project, ConnectionId connection, string reason) =>
        LogResynced(logger, connection, project, reason);

    /// <inheritdoc/>
    public void LeaseTakenOver(ProjectId project, string holder, long generation) =>
        LogLeaseTakenOver(logger, project, holder, generation);

    /// <inheritdoc/>
    public void SendFailed(ProjectId project, long generation, Exception exception) =>
        LogSendFailed(logger, exception, project, generation);

    /// <inheritdoc/>
    public void Loaded(ProjectId project, long revision, TimeSpan duration) =>
        LogLoaded(logger, project, revision, duration.TotalMilliseconds);

    /// <inheritdoc/>
    public void SnapshotWritten(ProjectId project, long revision, long bytes) =>
        LogSnapshotWritten(logger, project, revision, bytes);

    /// <inheritdoc/>
    public void Repaired(ProjectId project, long revision, IReadOnlyList<RenamedRecord> renamed)
    {
        ArgumentNullException.ThrowIfNull(renamed);
        if (logger.IsEnabled(LogLevel.Warning))
        {
            var shown = renamed.Take(RenamedShownMax).Select(static record => $"{record.Store} {record.From} as {record.To}");
            LogRepaired(logger, project, revision, renamed.Count, string.Join(", ", shown));
        }
    }

    /// <inheritdoc/>
    public void Failed(ProjectId project, Exception exception) => LogFailed(logger, exception, project);

    /// <inheritdoc/>
    public void Quarantined(ProjectId project, long revision, Exception exception) =>
        LogQuarantined(logger, exception, project, revision);

    /// <inheritdoc/>
    public void Restored(ProjectId project, long revision, string user) => LogRestored(logger, project, user, revision);

    /// <inheritdoc/>
    public void NoticeFailed(PresenceScope scope, ConnectionId connection, GatewayException exception)
    {
        ArgumentNullException.ThrowIfNull(scope);
        LogPresenceFailed(logger, exception, scope.Partition);
    }

    /// <inheritdoc/>
    public void ListFailed(PresenceScope scope, GatewayException exception)
    {
        ArgumentNullException.ThrowIfNull(scope);
        LogPresenceFailed(logger, exception, scope.Partition);
    }

    /// <inheritdoc/>
    public void StorageFailed(PresenceScope scope, StorageException exception)
    {
        ArgumentNullException.ThrowIfNull(scope);
        LogPresenceFailed(logger, exception, scope.Partition);
    }

    [LoggerMessage(1, LogLevel.Debug, "Project {Project}: committed up to {Revision}, {Entries} entries, attempt {Attempts}, {Milliseconds:F1} ms")]
    private static partial void LogCommitted(ILogger logger, ProjectId project, long revision, int entries, int attempts, double milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "Project {Project}: published up to {Revision} in {Milliseconds:F1} ms")]
    private static partial void LogPublished(ILogger logger, ProjectId project, long revision, double milliseconds);

    [LoggerMessage(3, LogLevel.Information, "{Connection} joined project {Project} at revision {Revision}")]
    private static partial void LogJoined(ILogger logger, ConnectionId connection, ProjectId project, long revision);

    [LoggerMessage(4, LogLevel.Information, "{Connection} receives a fresh dataset of project {Project} instead of an acknowledgement: {Reason}")]
    private static partial void LogResynced(ILogger logger, ConnectionId connection, ProjectId project, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Project {Project}: took over the lease of {Holder}; generation {Generation}")]
    private static partial void LogLeaseTakenOver(ILogger logger, ProjectId project, string holder, long generation);

    [LoggerMessage(6, LogLevel.Warning, "Project {Project}: the outcome of a send of generation {Generation} is unknown")]
    private static partial void LogSendFailed(ILogger logger, Exception exception, ProjectId project, long generation);

    [LoggerMessage(7, LogLevel.Information, "Project {Project}: loaded at revision {Revision} in {Milliseconds:F0} ms")]
    private static partial void LogLoaded(ILogger logger, ProjectId project, long revision, double milliseconds);

    [LoggerMessage(8, LogLevel.Information, "Project {Project}: snapshot at revision {Revision}, {Bytes} bytes")]
    private static partial void LogSnapshotWritten(ILogger logger, ProjectId project, long revision, long bytes);

    [LoggerMessage(9, LogLevel.Error, "Project {Project}: a step failed; its events are answered with 503")]
    private static partial void LogFailed(ILogger logger, Exception exception, ProjectId project);

    [LoggerMessage(10, LogLevel.Warning, "Presence of {Scope}: the list of users is out of date")]
    private static partial void LogPresenceFailed(ILogger logger, Exception exception, string scope);

    [LoggerMessage(11, LogLevel.Critical, "Project {Project}: the commit after revision {Revision} cannot be applied; the project is now read-only")]
    private static partial void LogQuarantined(ILogger logger, Exception exception, ProjectId project, long revision);

    [LoggerMessage(
        12,
        LogLevel.Warning,
        "Project {Project}: at revision {Revision} {Records} records have ids that no client can load; they are served under new ids: {Renamed}"
    )]
    private static partial void LogRepaired(ILogger logger, ProjectId project, long revision, int records, string renamed);

    [LoggerMessage(13, LogLevel.Warning, "Project {Project}: {User} restored it from an archive; it continues at revision {Revision}")]
    private static partial void LogRestored(ILogger logger, ProjectId project, string user, long revision);
}
