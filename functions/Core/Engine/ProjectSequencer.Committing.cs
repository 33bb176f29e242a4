using ServerlessSync.Core.Engine.Committing;

namespace ServerlessSync.Core.Engine;

/// <content>What becomes of submissions: committed here, or left to the holder of the lease.</content>
internal sealed partial class ProjectSequencer
{
    /// <summary>
    /// Whether submissions go to the holder of the lease at once: the race against it was lost lately, or it has yet to publish what
    /// there is. To commit in front of a holder that is behind would only keep it from catching up.
    /// </summary>
    private bool IsForHolder =>
        options.ForwardAfter < int.MaxValue
        && !replica.HoldsLease
        && !replica.Head.LeaseIsFree
        && (forwarder.WasForwarding || replica.HasUnsent);

    private async Task CommitAsync(List<SubmitItem> submissions)
    {
        var mayForward = !submissions.Exists(static item => item.IsGivenBack);
        if (mayForward && IsForHolder && forwarder.Start(submissions, CancellationToken.None))
        {
            lease.LookAtOnce();
            return;
        }

        var drains = inbox.Take();
        var decisions = await committer.CommitAsync(submissions, drains, mayForward, CancellationToken.None);
        if (decisions is null)
        {
            if (forwarder.Start(submissions, CancellationToken.None))
            {
                return;
            }

            decisions =
                await committer.CommitAsync(submissions, drains: [], mayForward: false, CancellationToken.None) ?? [];
        }

        var ofOthers = drains.Where(static drain => !drain.IsOwn).SelectMany(static drain => drain.Items).ToHashSet();
        foreach (var decision in decisions)
        {
            if (!ofOthers.Contains(decision.Item))
            {
                Handle(decision);
            }
        }

        await RefuseAsync();
        foreach (var drain in drains.Where(drain => decisions.Any(decision => drain.Items.Contains(decision.Item))))
        {
            forwarder.Forget(drain.Row.Key);
        }
    }

    /// <summary>Answers an item that came in here, or notes what it waits for.</summary>
    private void Handle(Decision decision)
    {
        if (decision.IsRefusedByWindow)
        {
            refused.Add((ChangeItem)decision.Item);
            return;
        }

        if (decision.Repeat is { } repeat)
        {
            desk.Add(repeat);
            return;
        }

        if (decision.Outcome is { } outcome)
        {
            decision.Item.Complete(outcome);
        }
        else if (decision.Resync is { } reason)
        {
            Resync((ChangeItem)decision.Item, reason);
        }
        else
        {
            unanswered.Add((decision.Item, decision.Revision!.Value));
        }
    }

    private async Task ResolveForwardedAsync()
    {
        if (!forwarder.HasOutstanding)
        {
            return;
        }

        var (decisions, lost) = await forwarder.ResolveAsync(CancellationToken.None);
        foreach (var decision in decisions)
        {
            Handle(decision);
        }

        await RefuseAsync();
        foreach (var item in lost)
        {
            item.IsGivenBack = true;
            if (mailbox.Post(item) != PostResult.Posted)
            {
                item.Complete(new ProjectOutcome.Unavailable("The server is stopping."));
            }
        }
    }

    private void Resync(ChangeItem item, string reason)
    {
        services.Observer.Resynced(replica.Project, item.Origin.Connection, reason);
        desk.Add(
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
