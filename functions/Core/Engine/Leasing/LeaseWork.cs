using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// What is done under the lease: publishes, serves the outgoing queue, commits what the inbox holds, and then keeps the lease, hands it on or
/// gives it back.
/// </summary>
internal sealed class LeaseWork(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head,
    LeaseAcquirer lease,
    StreamPublisher publisher,
    SubscriptionCoordinator coordinator,
    SubmissionHandler submissions,
    InboxWriter forwarded,
    InboxReader inbox,
    Mailbox mailbox,
    PendingAnswers answers,
    Backoff retry
)
{
    /// <summary>Sends of unknown outcome in a row. A silence can lie between two of them, and so the end of a turn.</summary>
    private int failedSends;

    /// <summary>Whether a request waits for an answer that only the log, or a publication, can give.</summary>
    public bool IsWaited => !answers.IsEmpty || forwarded.HasOutstanding;

    /// <summary>Whether a request waits for anything.</summary>
    public bool HasWaiting => IsWaited || !coordinator.IsEmpty;

    /// <summary>Does everything that is possible now, and leaves the lease.</summary>
    /// <exception cref="Storage.StorageException">The store failed; the work continues in a later turn.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            answers.AnswerDone();
            if (!head.HoldsLease && !await TryObtainAsync(cancellationToken))
            {
                return;
            }

            try
            {
                if (!await ServeAllAsync(cancellationToken))
                {
                    continue;
                }
            }
            catch (GatewayException exception)
            {
                if (await FailSendAsync(exception, cancellationToken))
                {
                    return;
                }

                continue;
            }

            if (await LeaveAsync(cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>True when nothing is left to do under the lease now.</summary>
    private async Task<bool> ServeAllAsync(CancellationToken cancellationToken)
    {
        if (await ServeAsync(cancellationToken))
        {
            failedSends = 0;
            retry.Reset();
        }
        else if (!IsSilent)
        {
            return false;
        }

        if (inbox.HasFound && mailbox.IsEmpty)
        {
            await submissions.CommitAsync([], cancellationToken);
            return false;
        }

        return true;
    }

    /// <summary>A send has no known outcome: the next head write advances the generation. True when publishing is given up for now.</summary>
    private async Task<bool> FailSendAsync(GatewayException exception, CancellationToken cancellationToken)
    {
        head.OweAdvance();
        coordinator.ReturnUnconfirmed();
        services.Observer.SendFailed(replica.Project, replica.Head.Generation, exception);
        if (++failedSends < options.SendAttemptsMax)
        {
            return false;
        }

        await GiveUpAsync(cancellationToken);
        return true;
    }

    /// <summary>Whether what is unsent has to wait for the silence around a reset.</summary>
    private bool IsSilent => head.Session?.Silence.Remaining > TimeSpan.Zero && !head.MustEvict;

    private async Task<bool> TryObtainAsync(CancellationToken cancellationToken)
    {
        var hasDue = coordinator.Queue.UntilDue() == TimeSpan.Zero;
        var isNeeded = hasDue || IsWaited || head.HasUnsent || head.IsAskingForLease;
        if (!isNeeded || retry.Remaining > TimeSpan.Zero)
        {
            return false;
        }

        retry.TryNow();
        await lease.ObtainAsync(hasDue || IsWaitedTooLong(), forwarded.HasOutstanding, cancellationToken);
        await submissions.ResolveForwardedAsync(cancellationToken);
        answers.AnswerDone();
        return head.HoldsLease;
    }

    /// <summary>
    /// Whether something has waited so long for the holder of the lease that this engine had better be it. A holder that commits and publishes
    /// works for this engine too, and asking it for the lease would only delay it.
    /// </summary>
    private bool IsWaitedTooLong()
    {
        var waited = Clock.Max(answers.OldestAge, forwarded.OldestAge);
        return answers.HasAccessChange
            || waited > options.HandoverTimeout
            || (waited > options.HandoverAfterIdle && lease.StandsStillFor > options.HandoverAfterIdle);
    }

    /// <summary>True when everything is published, and all due joins are served unless commits wait.</summary>
    private async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        // Reading the inbox costs no time beside the sends.
        var look = inbox.ShouldLook(head.Session!.IsKeptOver) ? inbox.LookAsync(cancellationToken) : Task.CompletedTask;
        var isPublished = await publisher.PublishAsync(cancellationToken);
        await look;
        if (isPublished)
        {
            answers.AnswerDone();
            await submissions.ResolveForwardedAsync(cancellationToken);
            if (head is { HoldsLease: true, HasUnsent: false })
            {
                await coordinator.ServeAsync(() => !mailbox.IsEmpty, cancellationToken);
            }
        }

        return head is { HoldsLease: true, HasUnsent: false, MustEvict: false };
    }

    /// <summary>
    /// Ends a turn under the lease. The next commit records what was sent when one is waiting. Otherwise the lease is given back, or kept for a
    /// moment: when other engines are likely to leave submissions, or when there are none and the next change is likely to be this one's.
    /// False when the head moved, so that there is more to do.
    /// </summary>
    private async Task<bool> LeaveAsync(CancellationToken cancellationToken)
    {
        var session = head.Session!;
        if (session.Silence.HoldsLease)
        {
            session.IsKeptOver = true;
            return session.Unconfirmed.IsEmpty || await head.WriteOrRefreshAsync(head.Progress(), cancellationToken);
        }

        var mayKeep = replica.Head.LeaseWanted.Length == 0 && !mailbox.IsClosed;
        session.IsKeptOver = mayKeep && (!mailbox.IsEmpty || inbox.HasFound);
        if (session.IsKeptOver)
        {
            // Joins of a crowd are answered while commits go between them.
            return session.Unconfirmed.IsEmpty || await head.WriteOrRefreshAsync(head.Progress(), cancellationToken);
        }

        if (mayKeep && session.Unconfirmed.IsEmpty && inbox.IsLingering)
        {
            // Answers of other engines depend on the record of what was sent.
            return replica.Head.Published == session.Sent || await head.WriteOrRefreshAsync(head.Progress(), cancellationToken);
        }

        // What waits here for another engine is not answered by keeping the lease: the loop would spin.
        var isHeld = mayKeep && session.Unconfirmed.IsEmpty && !IsWaited && head.HoldRemaining > TimeSpan.Zero;
        return isHeld || await head.WriteOrRefreshAsync(head.Progress() with { Lease = LeaseChange.Release }, cancellationToken);
    }

    /// <summary>
    /// The service does not take our sends. The lease goes back, with the next generation, so that another engine may try. The service
    /// delivers again what is answered with 503 here, and it is recognised as accepted then.
    /// </summary>
    private async Task GiveUpAsync(CancellationToken cancellationToken)
    {
        var outcome = new ProjectOutcome.Unavailable("The change is stored but could not be published yet.");
        failedSends = 0;
        answers.FailPublished(outcome);
        coordinator.FailAll(outcome);
        retry.Postpone();
        if (head.Session is { Silence.HoldsLease: false })
        {
            await head.WriteOrRefreshAsync(head.Progress() with { Lease = LeaseChange.Release }, cancellationToken);
        }
    }
}
