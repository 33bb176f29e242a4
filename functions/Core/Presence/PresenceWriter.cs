using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Stores a batch of changes in one transaction with the head, against whoever else does the same.</summary>
internal sealed class PresenceWriter(
    PresenceTable table,
    PresenceLease lease,
    TimeProvider timeProvider,
    IIdSource ids
)
{
    /// <summary>
    /// Stores the batch and takes the lease if it may. Afterwards the lease's head is one that contains the batch.
    /// </summary>
    /// <param name="batch">Changes of different connections.</param>
    /// <param name="sent">The last list that this process sent, to be recorded on the way.</param>
    /// <exception cref="StorageException">The store failed, or the race was lost <see cref="PresenceLimits.AttemptsMax"/> times.</exception>
    public async Task StoreAsync(IReadOnlyList<PresenceChange> batch, long sent)
    {
        var isUncertain = false;
        for (var attempt = 0; attempt < PresenceLimits.AttemptsMax; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(Backoff(attempt), timeProvider);
            }

            try
            {
                if (await TryStoreAsync(batch, sent))
                {
                    return;
                }
            }
            catch (StorageException exception)
                when (exception.OutcomeUnknown && attempt + 1 < PresenceLimits.AttemptsMax)
            {
                isUncertain = true;
                Doubt(batch, maybeStored: true);
            }
        }

        throw new StorageException(
            $"Presence was changed by others in each of {PresenceLimits.AttemptsMax} attempts to change it.",
            isUncertain
        );
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

    /// <summary>Full jitter, so that instances that collided once do not collide again.</summary>
    private TimeSpan Backoff(int attempt) =>
        TimeSpan.FromMilliseconds(
            ids.NextDouble() * PresenceLimits.BackoffFirstMilliseconds * (1 << (attempt - 1))
        );
}
