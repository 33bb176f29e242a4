using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Composition.Telemetry;

/// <summary>Forwards every event to two observers.</summary>
/// <param name="First">Called first.</param>
/// <param name="Second">Called second.</param>
public sealed record ObserverPair(ISyncObserver First, ISyncObserver Second) : ISyncObserver
{
    /// <inheritdoc/>
    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration)
    {
        First.Committed(project, revision, entries, attempts, duration);
        Second.Committed(project, revision, entries, attempts, duration);
    }

    /// <inheritdoc/>
    public void Published(ProjectId project, long revision, TimeSpan duration)
    {
        First.Published(project, revision, duration);
        Second.Published(project, revision, duration);
    }

    /// <inheritdoc/>
    public void Joined(ProjectId project, ConnectionId connection, long revision)
    {
        First.Joined(project, connection, revision);
        Second.Joined(project, connection, revision);
    }

    /// <inheritdoc/>
    public void Resynced(ProjectId project, ConnectionId connection, string reason)
    {
        First.Resynced(project, connection, reason);
        Second.Resynced(project, connection, reason);
    }

    /// <inheritdoc/>
    public void LeaseTakenOver(ProjectId project, string holder, long generation)
    {
        First.LeaseTakenOver(project, holder, generation);
        Second.LeaseTakenOver(project, holder, generation);
    }

    /// <inheritdoc/>
    public void SendFailed(ProjectId project, long generation, Exception exception)
    {
        First.SendFailed(project, generation, exception);
        Second.SendFailed(project, generation, exception);
    }

    /// <inheritdoc/>
    public void Loaded(ProjectId project, long revision, TimeSpan duration)
    {
        First.Loaded(project, revision, duration);
        Second.Loaded(project, revision, duration);
    }

    /// <inheritdoc/>
    public void SnapshotWritten(ProjectId project, long revision, long bytes)
    {
        First.SnapshotWritten(project, revision, bytes);
        Second.SnapshotWritten(project, revision, bytes);
    }

    /// <inheritdoc/>
    public void Repaired(ProjectId project, long revision, IReadOnlyList<RenamedRecord> renamed)
    {
        First.Repaired(project, revision, renamed);
        Second.Repaired(project, revision, renamed);
    }

    /// <inheritdoc/>
    public void Dropped(ProjectId project, Exception exception)
    {
        First.Dropped(project, exception);
        Second.Dropped(project, exception);
    }

    /// <inheritdoc/>
    public void Failed(ProjectId project, Exception exception)
    {
        First.Failed(project, exception);
        Second.Failed(project, exception);
    }

    /// <inheritdoc/>
    public void Quarantined(ProjectId project, long revision, Exception exception)
    {
        First.Quarantined(project, revision, exception);
        Second.Quarantined(project, revision, exception);
    }

    /// <inheritdoc/>
    public void Restored(ProjectId project, long revision, string user)
    {
        First.Restored(project, revision, user);
        Second.Restored(project, revision, user);
    }
}
