using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Stores a batch of changes in one transaction with the head, in competition with other instances.</summary>
internal sealed class PresenceWriter(
    PresenceTable table,
    PresenceLease lease,
    TimeProvider timeProvider,
    IIdSource ids
)
{
    private readonly OptimisticWrite races = new(
        PresenceLimits.AttemptsMax,
        new RetryPauses(PresenceLimits.Retry, timeProvider, ids)
    );

    /// <summary>
    /// Stores the batch and takes the lease when allowed. Afterwards, the lease's head contains the batch.
    /// </summary>
    /// <param name="batch">Changes of different connections.</param>
    /// <param name="sent">The last list that this instance sent, which is recorded in the same transaction.</param>
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
                    MarkUncertain(batch, maybeStored: true);
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

    private static void MarkUncertain(IReadOnlyList<PresenceChange> batch, bool maybeStored)
    {
        foreach (var change in batch)
        {
            change.MarkUncertain(maybeStored);
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
            // The store does not report which other rows are in conflict, so all are read; the head may be unchanged.
            MarkUncertain(batch, maybeStored: false);
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
        change.SetStored(await table.ReadRowAsync(change.RowKey!));
}
