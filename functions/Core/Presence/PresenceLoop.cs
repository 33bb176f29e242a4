using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// The one loop of a book: stores what has come in, sends lists while it holds the lease, and watches the holder when
/// somebody else does. It runs while there is something to do and ends by itself.
/// </summary>
internal sealed class PresenceLoop(
    PresenceMailbox mailbox,
    PresenceTable table,
    PresenceLease lease,
    PresenceWriter writer,
    PresenceAnnouncer announcer,
    TimeProvider timeProvider,
    PresenceOptions options,
    IPresenceObserver observer,
    PresenceScope scope
)
{
    private readonly List<PresenceChange> awaitingList = [];
    private long? lastList;
    private long sent;
    private long settled;
    private long? leftToHolder;
    private int failedLooks;

    /// <summary>A list is due that this process has neither sent nor failed to send.</summary>
    private bool IsListDue => lease.Head.Changes > Math.Max(lease.Head.Sent, settled);

    private TimeSpan UntilNextList =>
        lastList is not { } last || mailbox.IsStopping
            ? TimeSpan.Zero
            : options.ListInterval - timeProvider.GetElapsedTime(last);

    /// <summary>Runs until nothing is left to do.</summary>
    public async Task RunAsync()
    {
        // The caller goes on first: calls that come in the same breath make one transaction.
        await Task.Yield();
        do
        {
            lease.Suspect();
            try
            {
                while (await StepAsync()) { }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // A broken promise of a port, or a row of a newer format: nobody may be left waiting for it.
                FailAll(exception);
            }
        } while (!mailbox.TryFinish());
    }

    /// <summary>Does the one thing that is most urgent. False when there is none.</summary>
    private async Task<bool> StepAsync()
    {
        // The list goes before further changes, or a steady stream of them would put it off for ever.
        if (lease.Holds && IsListDue && UntilNextList <= TimeSpan.Zero)
        {
            await SendListAsync();
            return true;
        }

        if (!mailbox.IsEmpty)
        {
            await StoreAsync(mailbox.Take(PresenceLimits.BatchChangesMax));
            return true;
        }

        if (lease.Holds && IsListDue)
        {
            await mailbox.WaitAsync(UntilNextList);
            lease.Suspect();
            return true;
        }

        if (lease.Holds)
        {
            await ReleaseAsync();
            return true;
        }

        if (leftToHolder is not { } change || mailbox.IsStopping)
        {
            leftToHolder = null;
            return false;
        }

        await mailbox.WaitAsync(options.WatchInterval);
        if (mailbox.IsEmpty)
        {
            await WatchAsync(change);
        }

        return true;
    }

    private async Task StoreAsync(List<PresenceChange> batch)
    {
        // Every change and every check is a reason to try again what failed before.
        settled = sent;
        try
        {
            await writer.StoreAsync(batch, sent);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            batch.ForEach(change => change.Fail(exception));
            if (exception is StorageException)
            {
                return;
            }

            throw;
        }

        awaitingList.AddRange(batch);
        await announcer.NotifyAsync(batch);
        if (!lease.Holds)
        {
            LeaveToHolder();
        }
        else if (!IsListDue)
        {
            CompleteAwaiting();
        }
    }

    private async Task SendListAsync()
    {
        List<StoredPresence> rows;
        long change;
        try
        {
            if (lease.IsStale)
            {
                await lease.RefreshAsync();
            }

            if (!lease.Holds)
            {
                LeaveToHolder();
                return;
            }

            // Counted before the rows are read: the list contains at least these changes.
            change = lease.Head.Changes;
            rows = await table.ReadRowsAsync(PresenceLimits.ListedMax + 1, CancellationToken.None);
            if (lease.IsAging && !await lease.TryWriteAsync(lease.Take(lease.Head.WithSent(sent))))
            {
                // The head has moved: perhaps only by a change, perhaps because we were given up. Look again.
                return;
            }
        }
        catch (StorageException exception)
        {
            observer.StorageFailed(scope, exception);
            settled = lease.Head.Changes;
            CompleteAwaiting();
            return;
        }

        lastList = timeProvider.GetTimestamp();
        var isCut = rows.Count > PresenceLimits.ListedMax;
        var listed = rows.Take(PresenceLimits.ListedMax).Select(stored => stored.Row);
        if (await announcer.ListAsync(listed, isCut))
        {
            sent = change;
        }

        settled = change;
        CompleteAwaiting();
    }

    /// <summary>Gives the lease back. When the head has moved meanwhile, the next step sees why and what is due.</summary>
    private async Task ReleaseAsync()
    {
        try
        {
            if (lease.IsStale)
            {
                await lease.RefreshAsync();
            }
            else
            {
                await lease.TryWriteAsync(lease.Head.WithSent(sent).Released());
            }
        }
        catch (StorageException exception)
        {
            // The lease may stand. The next change finds it to be ours, or another instance takes it over.
            observer.StorageFailed(scope, exception);
            lease.Forget();
        }
    }

    /// <summary>Looks whether the holder has sent the list that was left to it, and takes over when it is dead.</summary>
    private async Task WatchAsync(long change)
    {
        try
        {
            await lease.RefreshAsync();
            if (lease.Head.Sent >= change)
            {
                leftToHolder = null;
                return;
            }

            if (lease.MayTake && await lease.TryWriteAsync(lease.Take(lease.Head)))
            {
                leftToHolder = null;
            }
        }
        catch (StorageException exception)
        {
            observer.StorageFailed(scope, exception);
            if (++failedLooks >= PresenceLimits.AttemptsMax)
            {
                leftToHolder = null;
            }
        }
    }

    private void LeaveToHolder()
    {
        if (lease.Head.IsDue)
        {
            leftToHolder = lease.Head.Changes;
            failedLooks = 0;
        }

        CompleteAwaiting();
    }

    private void CompleteAwaiting()
    {
        awaitingList.ForEach(change => change.Complete());
        awaitingList.Clear();
    }

    private void FailAll(Exception exception)
    {
        awaitingList.ForEach(change => change.Fail(exception));
        awaitingList.Clear();
        lease.Forget();
        leftToHolder = null;
    }
}
