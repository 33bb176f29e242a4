using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// Writes snapshots beside the loop: it copies the state, and stores the copy in rows that no head names yet. The loop takes the finished
/// snapshot over, once, and has the next head write name it.
/// </summary>
internal sealed class SnapshotWriter(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head,
    MemoryBudget budget,
    Action wake
)
{
    private Task<FinishedSnapshot?> writing = Task.FromResult<FinishedSnapshot?>(null);
    private Task cleaning = Task.CompletedTask;
    private long? lastBegun;

    private SnapshotProgress Progress => replica.Snapshots;

    /// <summary>Takes a finished snapshot over, and begins one when enough has happened.</summary>
    public async Task RunAsync(bool isQuiet, CancellationToken cancellationToken)
    {
        await TakeFinishedAsync();
        if (!replica.IsLoaded)
        {
            return;
        }

        if (isQuiet && !head.HoldsLease)
        {
            await NameAsync(cancellationToken);
        }

        if (Progress.Superseded is { Length: > 0 } superseded && cleaning.IsCompleted)
        {
            Progress.Superseded = null;
            cleaning = CleanAsync(superseded, cancellationToken);
        }

        if (writing.IsCompleted && Progress.Unnamed is null && IsDue())
        {
            Begin(cancellationToken);
        }
    }

    private async Task TakeFinishedAsync()
    {
        if (writing.IsCompleted && await writing is { } finished)
        {
            writing = Task.FromResult<FinishedSnapshot?>(null);
            Progress.Unnamed = finished;
        }
    }

    /// <summary>When all races are lost, the key waits for our next write.</summary>
    private Task NameAsync(CancellationToken cancellationToken) =>
        head.TryUpdateAsync(() => head.Progress() is { SnapshotKey: not null } patch ? patch : null, cancellationToken);

    private void Begin(CancellationToken cancellationToken)
    {
        // Without room for the copy it is tried again in a later turn: the log is complete without it, and no engine is to be dropped for it.
        var memory = budget.Open();
        if (!memory.TryTake(Cost(replica.State)))
        {
            memory.Dispose();
            return;
        }

        lastBegun = services.Time.GetTimestamp();
        Progress.Begin();
#pragma warning disable CA2025 // The writing itself gives it back.
        writing = WriteAsync(replica.State.Clone(), memory, cancellationToken);
#pragma warning restore CA2025
    }

    /// <summary>Waits for a snapshot that is being written, and has a head name it: no engine would after this one.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(writing, cleaning);
        await TakeFinishedAsync();
        if (!replica.IsLoaded)
        {
            return;
        }

        try
        {
            await NameAsync(cancellationToken);
        }
        catch (StorageException exception)
        {
            // Its rows go when the next snapshot but one is named.
            services.Observer.Failed(replica.Project, exception);
        }

        if (Progress.Superseded is { Length: > 0 } superseded)
        {
            await CleanAsync(superseded, cancellationToken);
        }
    }

    /// <summary>
    /// Removes what is older than the snapshot before the present one. That one stays until the next: an engine may have read a head that
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
        var isWorthIt =
            Progress.EntriesSince >= options.SnapshotEntries || Progress.BytesSince > Math.Max(options.SnapshotBytesMin, Progress.Bytes);
        return isWorthIt
            && (lastBegun is not { } last || services.Time.GetElapsedTime(last) >= options.SnapshotInterval);
    }

    /// <summary>The copy, which shares the records, and the text that is made of it.</summary>
    private static long Cost(ProjectState state) =>
        state.ApproximateBytes + (LoadingCost.Write * (state.Dataset.TextBytes + state.Repeats.ApproximateBytes));

    private async Task<FinishedSnapshot?> WriteAsync(ProjectState copy, MemoryAccount memory, CancellationToken cancellationToken)
    {
        using var held = memory;

        // Leaves the loop: folding continues while the copy is serialized.
        await Task.Yield();
        try
        {
            var content = StateSnapshot.Write(copy);
            var key = RowKeys.Snapshot(copy.Revision, services.Ids.NewId());
            await replica.Log.WritePayloadAsync(key, content, cancellationToken);
            services.Observer.SnapshotWritten(replica.Project, copy.Revision, content.Length);
            return new FinishedSnapshot(key, content.Length);
        }
        catch (Exception exception) when (exception is StorageException or InvalidDataException)
        {
            // The log is complete without it; the next one is tried after the usual time.
            services.Observer.Failed(replica.Project, exception);
            return null;
        }
        finally
        {
            wake();
        }
    }
}
