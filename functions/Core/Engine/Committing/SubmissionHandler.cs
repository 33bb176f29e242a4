using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Subscribing;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>Has submissions committed here or by the holder of the lease, and hands each one on to what answers it.</summary>
internal sealed class SubmissionHandler(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head,
    LeaseAcquirer lease,
    Committer committer,
    InboxWriter forwarded,
    InboxReader inbox,
    Mailbox mailbox,
    SubscriptionCoordinator coordinator,
    WindowRefusals refusals,
    PendingAnswers answers
)
{
    /// <summary>
    /// Whether submissions go to the holder of the lease at once: the race against it was lost lately, or it has yet to publish what
    /// there is. To commit in front of a holder that is behind would only keep it from catching up.
    /// </summary>
    private bool IsForHolder =>
        options.ForwardAfter < int.MaxValue
        && !head.HoldsLease
        && !replica.Head.LeaseIsFree
        && (forwarded.WasForwarding || head.HasUnsent);

    /// <summary>Commits submissions together with what the inbox holds, or leaves them to the holder of the lease.</summary>
    public async Task CommitAsync(IReadOnlyList<SubmitItem> submissions, CancellationToken cancellationToken)
    {
        var mayForward = !submissions.Any(static item => item.IsGivenBack);
        if (mayForward && IsForHolder && forwarded.Start(submissions, cancellationToken))
        {
            lease.LookAtOnce();
            return;
        }

        var drains = inbox.Take();
        var result = await committer.CommitAsync(submissions, drains, mayForward, cancellationToken);
        if (result is null)
        {
            if (forwarded.Start(submissions, cancellationToken))
            {
                return;
            }

            result = await committer.CommitAsync(submissions, drains: [], mayForward: false, cancellationToken);
        }

        await HandleAsync(result!.Decisions, cancellationToken);
        result.OwnRows.ForEach(forwarded.Forget);
    }

    /// <summary>Handles what has become known about submissions that were left to the holder of the lease.</summary>
    public async Task ResolveForwardedAsync(CancellationToken cancellationToken)
    {
        if (!forwarded.HasOutstanding)
        {
            return;
        }

        var (decisions, undecided) = await forwarded.ResolveAsync(cancellationToken);
        await HandleAsync(decisions, cancellationToken);
        foreach (var item in undecided)
        {
            item.IsGivenBack = true;
            if (mailbox.Post(item) != PostResult.Posted)
            {
                item.Answer(new ProjectOutcome.Unavailable("The server is stopping."));
            }
        }
    }

    private Task HandleAsync(IEnumerable<Decision> decisions, CancellationToken cancellationToken)
    {
        foreach (var decision in decisions)
        {
            Handle(decision);
        }

        return refusals.AnswerAsync(cancellationToken);
    }

    /// <summary>Answers an item that came in here, or notes what it waits for.</summary>
    private void Handle(Decision decision)
    {
        if (decision.IsRefusedByWindow)
        {
            refusals.Add((ChangeItem)decision.Item);
        }
        else if (decision.Repeat is { } repeat)
        {
            coordinator.Add(repeat);
        }
        else if (decision.Outcome is { } outcome)
        {
            decision.Item.Answer(outcome);
        }
        else if (decision.Resync is { } reason)
        {
            Resync((ChangeItem)decision.Item, reason);
        }
        else
        {
            answers.AddPublished(decision.Item, decision.Revision!.Value);
        }
    }

    private void Resync(ChangeItem item, string reason)
    {
        services.Observer.Resynced(replica.Project, item.Origin.Connection, reason);
        coordinator.Add(
            new JoinItem(item.Origin, item.EventTime, item.Received, live: true)
            {
                Error = reason,
                Resynced = item,
                Aborted = item.Aborted,
                MayBeRedelivered = services.Time.GetUtcNow() - item.EventTime > options.RedeliveryAfter,
            }
        );
    }
}
