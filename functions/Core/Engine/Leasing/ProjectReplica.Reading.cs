using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <content>How the state comes from the store: whole at first, and then commit by commit.</content>
internal sealed partial class ProjectReplica
{
    /// <summary>Reads the project. False when there is none.</summary>
    /// <exception cref="LoadingRefusedException">There is no room for it now, or its turn did not come in time.</exception>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        Unload();
        var started = services.Time.GetTimestamp();
        if (await log.ReadHeadAsync(cancellationToken) is not { Value.IsDeleted: false } read)
        {
            return false;
        }

        (read, var stored) = await ReadStateAsync(read, cancellationToken);
        SnapshotBytes = stored.Bytes;
        SinceSnapshot = default;
        head = read;
        state = stored.State;
        try
        {
            AccessRow = await log.ReadAccessAsync(cancellationToken);
            await FoldToAsync(read, cancellationToken);
        }
        catch (Exception exception) when (exception is StorageException or LoadingRefusedException)
        {
            Unload();
            throw;
        }

        services.Observer.Loaded(Project, State.Revision, services.Time.GetElapsedTime(started));
        TellRepairs();
        return true;
    }

    /// <summary>Tells what clients are not shown as it is stored.</summary>
    private void TellRepairs()
    {
        if (!State.Dataset.IsSound)
        {
            services.Observer.Repaired(Project, State.Revision, State.Dataset.Renamed);
        }
    }

    /// <summary>
    /// The newest snapshot, or the anchor or base while there is none. An old one can be removed while it is read: the head then names
    /// another one.
    /// </summary>
    private async Task<(StoredHead Head, StoredState State)> ReadStateAsync(StoredHead read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var key = read.Value.StateKey();
            if (await StateSnapshot.ReadAsync(log, key, loading, cancellationToken) is { } stored)
            {
                return (read, stored);
            }

            var again = await log.ReadHeadAsync(cancellationToken);
            if (again is { Value.IsDeleted: true })
            {
                throw new ProjectDeletedException(Project);
            }

            if (again is null || string.Equals(again.Value.StateKey(), key, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"Project {Project} has no complete payload '{key}'.");
            }

            read = again;
        }
    }

    /// <summary>Forgets everything; the next turn loads anew.</summary>
    public void Unload()
    {
        head = null;
        state = null;
        replacements.Clear();
        unsent.Clear();
        heldTerm = 0;
        settled = false;
        evictedUpTo = 0;
        replacedAt = null;
        FinishedSnapshot = null;
        MustRefresh = false;
    }

    /// <summary>Reads the head and folds what others committed. True when a commit with this id is among it.</summary>
    public async Task<bool> RefreshAsync(string? commitId, CancellationToken cancellationToken)
    {
        MustRefresh = true;
        var (tail, stored) = await ReadTailAsync(cancellationToken);
        var read = stored ?? throw new InvalidDataException($"Project {Project} has lost its head.");
        if (read.Value.IsDeleted)
        {
            // What the head counts may be removed already.
            throw new ProjectDeletedException(Project);
        }

        quietLooks = read.ETag == head!.ETag ? quietLooks + 1 : 0;
        var found = Fold(tail, read.Value.Revision, commitId);
        if (read.Value.AccessVersion != Head.AccessVersion)
        {
            AccessRow = await log.ReadAccessAsync(cancellationToken);
        }

        return await FoldToAsync(read, cancellationToken, commitId) | found;
    }

    private async Task<(List<Commit> Tail, StoredHead? Head)> ReadTailAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await log.ReadTailAsync(State.Revision, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new PoisonedLogException(State.Revision + 1, exception);
        }
    }

    /// <summary>Folds what is known to be below the head; a reset or restore among it is left to the slow way, which loads more.</summary>
    private bool Fold(List<Commit> tail, long upTo, string? commitId)
    {
        var found = false;
        foreach (var commit in tail)
        {
            if (commit.Last > upTo || !replacements.Holds(commit.Entries, Head))
            {
                break;
            }

            FoldOne(commit);
            found |= commitId is not null && string.Equals(commit.Id, commitId, StringComparison.Ordinal);
            Take(commit);
        }

        return found;
    }

    /// <summary>Folds a commit whole or not at all.</summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "Whatever the fold throws means that the commit cannot be applied, now or ever."
    )]
    private void FoldOne(Commit commit)
    {
        State.Dataset.Mark();
        try
        {
            State.Fold(commit, ReplacementOf);
        }
        catch (Exception exception)
        {
            State.Dataset.Rollback();
            throw new PoisonedLogException(commit.First, exception);
        }

        State.Dataset.Release();
    }

    private Dataset? ReplacementOf(LogEntry entry) => replacements.Find(ReplacementDatasetCache.KeyOf(entry, Head));
}
