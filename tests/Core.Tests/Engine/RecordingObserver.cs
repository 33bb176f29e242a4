using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>Keeps what an operator would be told.</summary>
internal sealed class RecordingObserver : ISyncObserver
{
    public List<Exception> Failures { get; } = [];

    public List<long> Snapshots { get; } = [];

    public List<long> TakeOvers { get; } = [];

    public List<long> Quarantined { get; } = [];

    public List<RenamedRecord> Repaired { get; } = [];

    /// <summary>How often a project was loaded.</summary>
    public int Loads { get; private set; }

    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration) { }

    public void Published(ProjectId project, long revision, TimeSpan duration) { }

    public void Joined(ProjectId project, ConnectionId connection, long revision) { }

    public void Resynced(ProjectId project, ConnectionId connection, string reason) { }

    public void LeaseTakenOver(ProjectId project, string holder, long generation) => TakeOvers.Add(generation);

    public void SendFailed(ProjectId project, long generation, Exception exception) { }

    public void Loaded(ProjectId project, long revision, TimeSpan duration) => Loads++;

    public void SnapshotWritten(ProjectId project, long revision, long bytes) => Snapshots.Add(revision);

    void ISyncObserver.Quarantined(ProjectId project, long revision, Exception exception) => Quarantined.Add(revision);

    void ISyncObserver.Repaired(ProjectId project, long revision, IReadOnlyList<RenamedRecord> renamed) =>
        Repaired.AddRange(renamed);

    public void Failed(ProjectId project, Exception exception) => Failures.Add(exception);
}
