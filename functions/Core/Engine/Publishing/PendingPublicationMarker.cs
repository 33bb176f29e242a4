using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Publishing;

/// <summary>
/// This engine's row in table <c>due</c>: written before its first commit, so that a sweep finds the project should the engine die before
/// it has published.
/// </summary>
internal sealed class PendingPublicationMarker(EngineDependencies services, SequencerOptions options, ProjectReplica replica, HeadWriter head)
{
    private readonly PendingPublicationTable table = new(services.Store);
    private long writtenAt;
    private bool stands;
    private bool owes;

    /// <summary>Makes sure that the row is stored and young. Called before each attempt of a commit: a sweep may have removed an old one.</summary>
    /// <exception cref="StorageException">It could not be stored; then nothing may be committed.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (stands && services.Time.GetElapsedTime(writtenAt) < options.DueRenewal)
        {
            return;
        }

        // Its age counts from before the write, however long that takes.
        var now = services.Time.GetTimestamp();
        await table.WriteAsync(replica.Project, head.Engine, services.Time.GetUtcNow(), owes, cancellationToken);
        writtenAt = now;
        stands = true;
    }

    /// <summary>Says in the row that datasets are owed, so that a sweep sees to them should this engine die before it has sent them.</summary>
    /// <exception cref="StorageException">It could not be stored; then no change may be refused for later.</exception>
    public Task RecordDebtsAsync(CancellationToken cancellationToken) => WriteAsync(true, cancellationToken);

    /// <summary>Says that no dataset is owed any more.</summary>
    public Task ClearDebtsAsync(CancellationToken cancellationToken) => WriteAsync(false, cancellationToken);

    private async Task WriteAsync(bool isOwing, CancellationToken cancellationToken)
    {
        if (owes != isOwing)
        {
            (owes, stands) = (isOwing, false);
            await EnsureAsync(cancellationToken);
        }
    }

    /// <summary>Removes the row when nothing of this engine can be left to publish; otherwise a sweep does, when it has looked.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var isDone = replica.IsLoaded && !owes && replica.Head.Published == replica.Head.Revision && !head.HasWriteInDoubt;
        if (!stands || !isDone)
        {
            return;
        }

        stands = false;
        try
        {
            await table.RemoveAsync(replica.Project, head.Engine, cancellationToken);
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(replica.Project, exception);
        }
    }
}
