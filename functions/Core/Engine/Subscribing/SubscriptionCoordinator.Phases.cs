using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <content>The steps of one join.</content>
internal sealed partial class SubscriptionCoordinator
{
    /// <summary>One phase of a join. The outcome, or null when the join goes on later.</summary>
    private async Task<ProjectOutcome?> ServeAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.IsAborted)
        {
            return new ProjectOutcome.Gone();
        }

        if (!MaySee(item))
        {
            return new ProjectOutcome.Denied();
        }

        try
        {
            if (!item.IsMarked && !await MarkAsync(item, cancellationToken))
            {
                return new ProjectOutcome.Gone();
            }
        }
        catch (GatewayException exception)
        {
            // Nothing of this join was sent, so that this concerns nobody else.
            services.Observer.Failed(replica.Project, exception);
            return new ProjectOutcome.Unavailable("The service does not say whether this was begun before.");
        }

        if (item.IsDebt)
        {
            return await ServeDebtAsync(item, cancellationToken);
        }

        return item.Phase switch
        {
            JoinPhase.First => await EnterAsync(item, cancellationToken),
            JoinPhase.Leave => await LeaveAsync(item, cancellationToken),
            JoinPhase.Dataset => await SendDatasetAsync(item, cancellationToken),
            JoinPhase.CatchUp => await CatchUpAsync(item, cancellationToken),
            _ => throw new InvalidOperationException("An unknown phase."),
        };
    }

    private async Task<ProjectOutcome?> EnterAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var frame = DatasetFrame();
        if (frame.Length > GatewayLimits.MessageBytesMax)
        {
            return new ProjectOutcome.TooLarge(frame.Length);
        }

        if (await AddAsync(item, cancellationToken) is (IsIn: false, var instead))
        {
            return instead;
        }

        await SendAsync(item, frame, cancellationToken);
        item.SentAt = services.Time.GetUtcNow();
        return new ProjectOutcome.Done(replica.State.Revision, item.MayHaveReceivedDataset);
    }

    /// <summary>
    /// Brings a connection into the group, and makes sure afterwards that the lease is ours: whoever takes the lease over empties the
    /// group before it sends anything, so that either our sends reach nobody or we see here that nothing is to be sent.
    /// </summary>
    /// <returns>Whether it is in, and else what becomes of the join: null when it is served again, as giving the lease back will fail.</returns>
    private async Task<(bool IsIn, ProjectOutcome? Instead)> AddAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (!await services.Gateway.AddToGroupAsync(replica.Group, item.Origin.Connection, cancellationToken))
        {
            return (IsIn: false, new ProjectOutcome.Gone());
        }

        if (await replica.Log.ReadHeadAsync(cancellationToken) is { } read && read.Value.IsHeldBy(replica.Engine))
        {
            return (IsIn: true, Instead: null);
        }

        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        return (IsIn: false, Instead: null);
    }

    /// <summary>
    /// Leaves word that the event was begun. A connection for which it was begun before is a live subscriber by now, or half out of the
    /// group, and may have edited on the dataset that it got. False when it is gone.
    /// </summary>
    private async Task<bool> MarkAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var mark = GroupName.OfEvent(item.Origin.Connection, item.Origin.EventId);
        if (item.MayBeRedelivered)
        {
            await foreach (var _ in services.Gateway.ListGroupAsync(mark, cancellationToken))
            {
                item.Restart();
            }
        }

        item.IsMarked = await services.Gateway.AddToGroupAsync(mark, item.Origin.Connection, cancellationToken);
        return item.IsMarked;
    }

    private async Task<ProjectOutcome?> LeaveAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.Error is { } error)
        {
            // By way of a group that it is always in: an owed dataset may just hold it out of the project's.
            var only = new Audience.Only(item.Origin.Connection);
            await services.Gateway.SendToGroupAsync(GroupName.Everyone, frames.Refusal(error), only, cancellationToken);
        }

        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        return GoOn(item, JoinPhase.Dataset);
    }

    private async Task<ProjectOutcome?> SendDatasetAsync(JoinItem item, CancellationToken cancellationToken)
    {
        await debts.BeginAsync(item, cancellationToken);
        if (await EnterAsync(item, cancellationToken) is var outcome && outcome is not ProjectOutcome.Done)
        {
            return outcome;
        }

        // It was in the group for this one send, so that the dataset is fenced by the generation like every other send.
        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        item.DatasetRevision = replica.State.Revision;
        return GoOn(item, JoinPhase.CatchUp);
    }

    private async Task<ProjectOutcome?> CatchUpAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.DatasetRevision < replica.Head.LogStart - 1)
        {
            // What followed its dataset was removed for its age: whoever served it has stood still since.
            return GoOn(item, JoinPhase.Dataset);
        }

        var missed = new List<LogEntry>();
        await foreach (
            var commit in replica.Log.ReadCommitsAsync(item.DatasetRevision, replica.State.Revision, cancellationToken)
        )
        {
            missed.AddRange(commit.Entries);
        }

        if (missed.Exists(static entry => entry.ReplacesAll))
        {
            return GoOn(item, JoinPhase.Dataset);
        }

        if (await AddAsync(item, cancellationToken) is (IsIn: false, var instead))
        {
            return instead;
        }

        await publisher.SendMissedAsync(item.Origin.Connection, missed, cancellationToken);
        return new ProjectOutcome.Done(item.DatasetRevision, item.MayHaveReceivedDataset);
    }

    private ProjectOutcome? GoOn(JoinItem item, JoinPhase phase)
    {
        item.Phase = phase;
        item.NotBefore = TimestampIn(options.QuietTime);
        return null;
    }

    private byte[] DatasetFrame() => frames.Dataset(replica.State.Revision, replica.State.Dataset.ToClientJson);

    private Task SendAsync(JoinItem item, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) =>
        services.Gateway.SendToGroupAsync(
            replica.Group,
            frame,
            new Audience.Only(item.Origin.Connection),
            cancellationToken
        );
}
