using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>Writes an engine's notifications to the trace, and checks its errors (P8).</summary>
internal sealed class TracingObserver(World world, int instance) : ISyncObserver
{
    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration) =>
        world.Trace.Note($"instance {instance} commits {project} up to {revision} ({entries} entries, attempt {attempts})");

    public void Published(ProjectId project, long revision, TimeSpan duration) =>
        world.Trace.Note($"instance {instance} has published {project} up to {revision}");

    public void Joined(ProjectId project, ConnectionId connection, long revision) =>
        world.Trace.Note($"instance {instance} joins {connection} to {project} at {revision}");

    public void Resynced(ProjectId project, ConnectionId connection, string reason) =>
        world.Trace.Note($"instance {instance} resyncs {connection} in {project}: {reason}");

    public void LeaseTakenOver(ProjectId project, string holder, long generation) =>
        world.Trace.Note($"instance {instance} takes {project} over from {holder}, generation {generation}");

    public void SendFailed(ProjectId project, long generation, Exception exception) =>
        world.Trace.Note($"instance {instance} had a send fail in {project}, generation {generation}");

    public void Loaded(ProjectId project, long revision, TimeSpan duration) =>
        world.Trace.Note($"instance {instance} loaded {project} at {revision}");

    public void SnapshotWritten(ProjectId project, long revision, long bytes)
    {
        world.Trace.Note($"instance {instance} wrote a snapshot of {project} at {revision}");
        world.Snapshots.Add((project, revision, instance));
    }

    public void Dropped(ProjectId project, Exception exception)
    {
        if (exception is Core.Storage.StorageException and not Core.Log.LogMovedException or Core.Model.GatewayException or Core.Memory.LoadingRefusedException)
        {
            world.Violate("P8 no surprises", $"instance {instance} reloads {project}, although only a call has failed: {exception.Message}");
        }
    }

    public void Failed(ProjectId project, Exception exception)
    {
        world.Trace.Note($"instance {instance} failed in {project}: {exception.Message}");
        if (exception is not (Core.Storage.StorageException or Core.Model.GatewayException or Core.Memory.LoadingRefusedException))
        {
            world.Violate("P8 no surprises", $"instance {instance}, project {project}: {exception}");
        }
    }
}
