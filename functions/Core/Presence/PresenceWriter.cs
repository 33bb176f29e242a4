using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Stores a batch of changes in one transaction with the head, against other instances that do the same.</summary>
internal sealed class PresenceWriter(
    PresenceTable table,
    PresenceLease lease,
    TimeProvider timeProvider,
    IIdSource ids
)
{
    private readonly OptimisticWrite races = new(
        PresenceLimits.AttemptsMax,
        new JitteredPause(PresenceLimits.FirstPause, timeProvider, ids)
    );

    /// <summary>
    /// Stores the batch and takes the lease if it may. Afterwards the lease's head is one that contains the batch.
    /// </summary>
    /// <param name="batch">Changes of different connections.</param>
    /// <param name="sent">The last list that this process sent, to be recorded on the way.</param>
    /// <exception cref="StorageException">The store failed, or the race was lost <see cref="PresenceLimits.AttemptsMax"/> times.</exception>
    public async Task StoreAsync(IReadOnlyList<PresenceChange> batch, long sent)
    {
        var isUncertain = false;
        var isStored = await races.TryAsync(
            async () =>
            {
                try
                {
                    return await TryStoreAsync(batch, sent);
                }
                catch (StorageException exception) when (exception.OutcomeUnknown)
                {
                    isUncertain = true;
                    Doubt(batch, maybeStored: true);
                    return false;
                }
            },
            CancellationToken.None
        );
        if (!isStored)
        {
            throw new StorageException(
                $"Each of {PresenceLimits.AttemptsMax} attempts to store presence lost its race or its answer.",
                isUncertain
            );
        }
    }

    private static void Doubt(IReadOnlyList<PresenceChange> batch, bool maybeStored)
    {
        foreach (var change in batch)
        {
            change.Doubt(maybeStored);
        }
    }

    private async Task<bool> TryStoreAsync(IReadOnlyList<PresenceChange> batch, long sent)
    {
        if (lease.IsStale)
        {
            await lease.RefreshAsync();
        }

        await ReadRowsAsync(batch);
        var actions = batch.Select(change => change.Decide()).OfType<TableAction>().ToList();
        if (actions.Count == 0 && (!lease.Head.IsDue || lease.Holds || !lease.MayTake))
        {
            return true;
        }

        var next = lease.Head.WithSent(sent);
        next = actions.Count == 0 ? next : next.WithChange();
        next = lease.MayTake ? lease.Take(next) : next;
        if (await lease.SubmitAsync(next, actions) is not TransactionResult.Conflict conflict)
        {
            return true;
        }

        if (conflict.ActionIndex > 0)
        {
            // Which other rows are not as expected is not said, so all are read; the head may well be as it was.
            Doubt(batch, maybeStored: false);
        }

        return false;
    }

    private async Task ReadRowsAsync(IReadOnlyList<PresenceChange> batch)
    {
        foreach (var chunk in batch.Where(change => change.NeedsRow).Chunk(PresenceLimits.ParallelMax))
        {
            await Task.WhenAll(chunk.Select(ReadRowAsync));
        }
    }

    private async Task ReadRowAsync(PresenceChange change) =>
        change.Found(await table.ReadRowAsync(change.RowKey!));
}
