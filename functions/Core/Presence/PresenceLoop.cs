using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// The single loop of a tracker: stores posted changes, sends lists while it holds the lease, and otherwise watches the
/// holder. It runs while there is work and then ends.
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
    private long handled;
    private long? watchedChange;
    private int failedReads;

    /// <summary>Whether a list is due that this instance has neither sent nor failed to send.</summary>
    private bool IsListDue => lease.Head.Changes > Math.Max(lease.Head.Sent, handled);

    private TimeSpan UntilNextList =>
        lastList is not { } last || mailbox.IsStopping
            ? TimeSpan.Zero
            : options.ListInterval - timeProvider.GetElapsedTime(last);

    /// <summary>Runs until there is no more work.</summary>
    public async Task RunAsync()
    {
        // Yield to the caller, so that concurrent calls share one transaction.
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
                // A port broke its contract, or a row has a newer format. Fail all callers instead of leaving them
                // waiting.
                FailAll(exception);
            }
        } while (!mailbox.TryFinish());
    }

    /// <summary>Performs the most urgent step. False when there is none.</summary>
    private async Task<bool> StepAsync()
    {
        // The list goes before further changes; otherwise, a steady stream of changes would delay it for ever.
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

        if (watchedChange is not { } change || mailbox.IsStopping)
        {
            watchedChange = null;
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
        // Every change and every check retries a list that failed before.
        handled = sent;
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

            // Read the count before the rows: the list contains at least these changes.
            change = lease.Head.Changes;
            rows = await table.ReadRowsAsync(PresenceLimits.ListedMax + 1, CancellationToken.None);
            if (lease.IsAging && !await lease.TryWriteAsync(lease.Take(lease.Head.WithSent(sent))))
            {
                // The head has changed: by another change, or because another instance has taken over. Try again.
                return;
            }
        }
        catch (StorageException exception)
        {
            observer.StorageFailed(scope, exception);
            handled = lease.Head.Changes;
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

        handled = change;
        CompleteAwaiting();
    }

    /// <summary>Releases the lease. When the head has changed meanwhile, the next step finds out what is due.</summary>
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
            // The lease may still be held. The next change finds it to be this instance's, or another instance takes it
            // over.
            observer.StorageFailed(scope, exception);
            lease.Forget();
        }
    }

    /// <summary>
    /// Checks whether the holder has sent the list that was left to it, and takes over when the holder is dead.
    /// </summary>
    private async Task WatchAsync(long change)
    {
        try
        {
            await lease.RefreshAsync();
            if (lease.Head.Sent >= change)
            {
                watchedChange = null;
                return;
            }

            if (lease.MayTake && await lease.TryWriteAsync(lease.Take(lease.Head)))
            {
                watchedChange = null;
            }
        }
        catch (StorageException exception)
        {
            observer.StorageFailed(scope, exception);
            if (++failedReads >= PresenceLimits.AttemptsMax)
            {
                watchedChange = null;
            }
        }
    }

    private void LeaveToHolder()
    {
        if (lease.Head.IsDue)
        {
            watchedChange = lease.Head.Changes;
            failedReads = 0;
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
        watchedChange = null;
    }
}
