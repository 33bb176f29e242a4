using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Performance;

/// <summary>Counts what the engines tell; what cannot happen without a fault is a failure.</summary>
internal sealed class LoadObserver(LoadWorld world) : ISyncObserver
{
    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration)
    {
        world.Counts.Commits++;
        world.Counts.Revisions += entries;
    }

    public void Published(ProjectId project, long revision, TimeSpan duration) { }

    public void Joined(ProjectId project, ConnectionId connection, long revision) { }

    public void Resynced(ProjectId project, ConnectionId connection, string reason)
    {
        world.Counts.Resynced++;
        world.Fail($"{connection} was resynced: {reason}");
    }

    public void LeaseTakenOver(ProjectId project, string holder, long generation) => world.Counts.TakeOvers++;

    public void SendFailed(ProjectId project, long generation, Exception exception) => world.Fail($"A send failed: {exception.Message}");

    public void Loaded(ProjectId project, long revision, TimeSpan duration) { }

    public void SnapshotWritten(ProjectId project, long revision, long bytes) { }

    public void Failed(ProjectId project, Exception exception)
    {
        // Losing all races is what the plain fence does to its authors; it is counted where they are turned away.
        if (exception is not Core.Storage.StorageException)
        {
            world.Fail($"An engine failed: {exception}");
        }
    }
}
