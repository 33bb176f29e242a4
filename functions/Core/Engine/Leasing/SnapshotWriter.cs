using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// Writes snapshots beside the loop: it copies the state, stores the copy in rows that nobody knows yet, and leaves its key for
/// the next write of the head.
/// </summary>
internal sealed class SnapshotWriter(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    MemoryBudget budget,
    Action wake
)
{
    private Task writing = Task.CompletedTask;
    private Task cleaning = Task.CompletedTask;
    private long? lastBegun;

    /// <summary>Begins a snapshot when enough has happened, and names a finished one when no commit is about to.</summary>
    public async Task WriteWhenDueAsync(bool isQuiet, CancellationToken cancellationToken)
    {
        if (!replica.IsLoaded)
        {
            return;
        }

        if (replica.FinishedSnapshot is not null && isQuiet && !replica.HoldsLease)
        {
            // Losing this race is fine: whoever won has moved the head, and the key waits for our next write.
            if (await replica.WriteAsync(replica.Head, commit: null, cancellationToken) != HeadWrite.Written)
            {
                await replica.RefreshAsync(commitId: null, cancellationToken);
            }
        }

        if (replica.SupersededSnapshot is { Length: > 0 } superseded && cleaning.IsCompleted)
        {
            replica.SupersededSnapshot = null;
            cleaning = CleanAsync(superseded, cancellationToken);
        }

        if (writing.IsCompleted && replica.FinishedSnapshot is null && IsDue())
        {
            // Without room for the copy it is tried again in a later turn: the log is complete without it, and nobody is to go for it.
            var memory = budget.Open();
            if (!memory.TryTake(Cost(replica.State)))
            {
                memory.Dispose();
                return;
            }

            lastBegun = services.Time.GetTimestamp();
            replica.BeginSnapshot();
#pragma warning disable CA2025 // It is given back by the writing itself.
            writing = WriteAsync(replica.State.Clone(), memory, cancellationToken);
#pragma warning restore CA2025
        }
    }

    /// <summary>Waits for a snapshot that is being written.</summary>
    public Task FinishAsync() => Task.WhenAll(writing, cleaning);

    /// <summary>
    /// Removes what is older than the snapshot before the present one. That one stays until the next: somebody may have read a head that
    /// names it and be reading its rows, and between two snapshots lies <see cref="SequencerOptions.SnapshotInterval"/>.
    /// </summary>
    private async Task CleanAsync(string superseded, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            while (await replica.Log.RemoveSnapshotsBeforeAsync(superseded, cancellationToken) > 0) { }
        }
        catch (StorageException exception)
        {
            // What is left goes with the next snapshot.
            services.Observer.Failed(replica.Project, exception);
        }
    }

    private bool IsDue()
    {
        var (entries, bytes) = replica.SinceSnapshot;
        var isWorthIt =
            entries >= options.SnapshotEntries || bytes > Math.Max(options.SnapshotBytesMin, replica.SnapshotBytes);
        return isWorthIt
            && (lastBegun is not { } last || services.Time.GetElapsedTime(last) >= options.SnapshotInterval);
    }

    /// <summary>The copy, which shares the records, and the text that is made of it.</summary>
    private static long Cost(ProjectState state) =>
        state.ApproximateBytes + (LoadingCost.Write * (state.Dataset.TextBytes + state.Repeats.ApproximateBytes));

    private async Task WriteAsync(ProjectState copy, MemoryAccount memory, CancellationToken cancellationToken)
    {
        using var held = memory;

        // Leaves the loop: folding goes on while the copy is serialized.
        await Task.Yield();
        try
        {
            var content = StateSnapshot.Write(copy);
            var key = RowKeys.Snapshot(copy.Revision, services.Ids.NewId());
            await replica.Log.WritePayloadAsync(key, content, cancellationToken);
            replica.FinishedSnapshot = (key, copy.Revision, content.Length);
            services.Observer.SnapshotWritten(replica.Project, copy.Revision, content.Length);
            wake();
        }
        catch (Exception exception) when (exception is StorageException or InvalidDataException)
        {
            // The log is complete without it; the next one is tried after the usual time.
            services.Observer.Failed(replica.Project, exception);
        }
    }
}
