using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// What the engine tells about itself; logs and metrics are made of it outside. Called on the project's loop, so it must be quick and
/// must not throw.
/// </summary>
public interface ISyncObserver
{
    /// <summary>A commit was written after <paramref name="attempts"/> attempts.</summary>
    void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration);

    /// <summary>Everything up to a revision was sent.</summary>
    void Published(ProjectId project, long revision, TimeSpan duration);

    /// <summary>A connection got the dataset at a revision.</summary>
    void Joined(ProjectId project, ConnectionId connection, long revision);

    /// <summary>A change was answered with a dataset instead of being applied.</summary>
    void Resynced(ProjectId project, ConnectionId connection, string reason);

    /// <summary>The lease of a holder that stood still was taken over; sends go to a new generation.</summary>
    void LeaseTakenOver(ProjectId project, string holder, long generation);

    /// <summary>A send had no known outcome; sends go to a new generation.</summary>
    void SendFailed(ProjectId project, long generation, Exception exception);

    /// <summary>A project was loaded.</summary>
    void Loaded(ProjectId project, long revision, TimeSpan duration);

    /// <summary>A snapshot was written.</summary>
    void SnapshotWritten(ProjectId project, long revision, long bytes);

    /// <summary>
    /// A project holds records with ids that no client could load, written by an earlier version; they are served under other ids. Told at
    /// every load until a revision has made it part of the state.
    /// </summary>
    void Repaired(ProjectId project, long revision, IReadOnlyList<RenamedRecord> renamed) { }

    /// <summary>
    /// The log holds a commit that cannot be applied: the project can be read as it was before, and not be changed, until an operator has
    /// looked after it.
    /// </summary>
    void Quarantined(ProjectId project, long revision, Exception exception) => Failed(project, exception);

    /// <summary>A project was restored from an archive, and goes on at a revision.</summary>
    void Restored(ProjectId project, long revision, string user) { }

    /// <summary>What was loaded of a project is in doubt and was let go; it is loaded anew.</summary>
    void Dropped(ProjectId project, Exception exception) { }

    /// <summary>Store, service or memory failed something, or the log cannot be read; the events that needed it are answered with 503.</summary>
    void Failed(ProjectId project, Exception exception);
}

/// <summary>Discards all notifications.</summary>
public sealed class SilentObserver : ISyncObserver
{
    private SilentObserver() { }

    /// <summary>The one instance.</summary>
    public static SilentObserver Instance { get; } = new();

    /// <inheritdoc/>
    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration) { }

    /// <inheritdoc/>
    public void Published(ProjectId project, long revision, TimeSpan duration) { }

    /// <inheritdoc/>
    public void Joined(ProjectId project, ConnectionId connection, long revision) { }

    /// <inheritdoc/>
    public void Resynced(ProjectId project, ConnectionId connection, string reason) { }

    /// <inheritdoc/>
    public void LeaseTakenOver(ProjectId project, string holder, long generation) { }

    /// <inheritdoc/>
    public void SendFailed(ProjectId project, long generation, Exception exception) { }

    /// <inheritdoc/>
    public void Loaded(ProjectId project, long revision, TimeSpan duration) { }

    /// <inheritdoc/>
    public void SnapshotWritten(ProjectId project, long revision, long bytes) { }

    /// <inheritdoc/>
    public void Failed(ProjectId project, Exception exception) { }
}
