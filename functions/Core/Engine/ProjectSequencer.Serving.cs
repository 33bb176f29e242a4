using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <content>What is done under the lease: publishing and letting connections in.</content>
internal sealed partial class ProjectSequencer
{
    /// <summary>Publishes, lets connections in, and gives the lease back, as far as that is possible now.</summary>
    private async Task ServeAsync()
    {
        var failures = 0;
        while (true)
        {
            AnswerPublished();
            AnswerEvicted();
            if (!replica.HoldsLease)
            {
                // A commit may have found that the lease is somebody else's.
                desk.Redo();
                if (!await MayServeAsync())
                {
                    return;
                }
            }

            try
            {
                if (!await ServeUnderLeaseAsync())
                {
                    continue;
                }

                if (inbox.HasFound && mailbox.IsEmpty)
                {
                    await CommitAsync([]);
                    continue;
                }
            }
            catch (GatewayException exception)
            {
                replica.MustAdvance = true;
                desk.Redo();
                services.Observer.SendFailed(replica.Project, replica.Head.Generation, exception);
                if (++failures >= options.SendAttemptsMax)
                {
                    await GiveUpAsync();
                    return;
                }

                continue;
            }

            retryDelay = options.PublishRetry;
            if (await LeaveLeaseAsync())
            {
                return;
            }
        }
    }

    /// <summary>
    /// Ends a turn under the lease: the next commit records what was sent when one is waiting; otherwise the lease goes back, or is
    /// kept for a moment when others are likely to leave something. False when the head moved, so that there is more to do.
    /// </summary>
    private async Task<bool> LeaveLeaseAsync()
    {
        var mayKeep = !desk.HasUnconfirmed && replica.Head.LeaseWanted.Length == 0 && !closing;
        keptLease = mayKeep && (!mailbox.IsEmpty || inbox.HasFound);
        if (keptLease)
        {
            return true;
        }

        if (!mayKeep || !inbox.IsLingering)
        {
            return await ReleaseAsync();
        }

        if (replica.Head.Published == replica.Sent)
        {
            return true;
        }

        // Others wait for this record, as their answers depend on it.
        if (await replica.WriteAsync(replica.Head, commit: null, CancellationToken.None) == HeadWrite.Written)
        {
            return true;
        }

        await replica.RefreshAsync(commitId: null, CancellationToken.None);
        return false;
    }

    private async Task<bool> MayServeAsync()
    {
        var joinsDue = desk.UntilDue() == TimeSpan.Zero;
        var waits = joinsDue || IsWaited || replica.HasUnsent || IsAskingForLease;
        if (!waits || (retryAt > 0 && Until(retryAt) > TimeSpan.Zero))
        {
            return false;
        }

        retryAt = 0;
        var obtained = await lease.ObtainAsync(joinsDue || IsWaitedTooLong(), forwarder.HasOutstanding, CancellationToken.None);
        await ResolveForwardedAsync();
        AnswerPublished();
        return obtained;
    }

    /// <summary>
    /// Whether something has waited so long for the holder of the lease that we had better be it. One that goes on committing and
    /// publishing works for us too, and to ask it for the lease would only hold it up.
    /// </summary>
    private bool IsWaitedTooLong()
    {
        var waited = unanswered.Count > 0 ? services.Time.GetElapsedTime(unanswered[0].Item.Received) : TimeSpan.Zero;
        waited = Max(waited, forwarder.OldestAge);
        return evicting.Count > 0
            || waited > options.HandoverTimeout
            || (waited > options.HandoverAfterIdle && lease.StandsStillFor > options.HandoverAfterIdle);
    }

    /// <summary>True when everything is published and everybody who is due was let in.</summary>
    private async Task<bool> ServeUnderLeaseAsync()
    {
        // Looking for what others left costs no time beside the sends.
        var look = inbox.ShouldLook(keptLease) ? inbox.LookAsync(CancellationToken.None) : Task.CompletedTask;
        var published = await publisher.PublishAsync(CancellationToken.None);
        await look;
        if (published)
        {
            AnswerPublished();
            await ResolveForwardedAsync();
            if (!replica.HasUnsent)
            {
                await desk.ServeAsync(CancellationToken.None);
            }
        }

        if (!replica.HoldsLease)
        {
            desk.Redo();
            return false;
        }

        return !replica.HasUnsent && !replica.MustEvict;
    }

    /// <summary>Tells the service who is back in the stream, and the sweep when no dataset is owed any more.</summary>
    private async Task SettleDebtsAsync()
    {
        try
        {
            await debts.FinishAsync(CancellationToken.None);
        }
        catch (GatewayException exception)
        {
            // Tried again in the next turn; should none come, a sweep finds it.
            services.Observer.SendFailed(replica.Project, replica.Head.Generation, exception);
        }

        if (!desk.HasDebts)
        {
            await due.ClearDebtsAsync(CancellationToken.None);
        }
    }

    private async Task<bool> ReleaseAsync()
    {
        if (await replica.WriteAsync(replica.Head.Released(), commit: null, CancellationToken.None) == HeadWrite.Written)
        {
            desk.Confirm();
            return true;
        }

        await replica.RefreshAsync(commitId: null, CancellationToken.None);
        if (!replica.HoldsLease)
        {
            desk.Redo();
        }

        return false;
    }

    /// <summary>
    /// The service does not take our sends. The lease goes back, with the next generation, so that another process may try;
    /// the service redelivers what is answered with 503 here, and it is recognised as accepted then.
    /// </summary>
    private async Task GiveUpAsync()
    {
        var outcome = new ProjectOutcome.Unavailable("The change is stored but could not be published yet.");
        foreach (var (item, _) in unanswered)
        {
            item.Complete(outcome);
        }

        unanswered.Clear();
        desk.FailAll(outcome);
        if (await replica.WriteAsync(replica.Head.Released(), commit: null, CancellationToken.None) != HeadWrite.Written)
        {
            await replica.RefreshAsync(commitId: null, CancellationToken.None);
        }

        PostponeRetry();
    }
}
