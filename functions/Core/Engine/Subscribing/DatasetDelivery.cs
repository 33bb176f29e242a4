using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// The phases of one join. A connection that loads for the first time enters the group and gets the dataset. A live subscriber leaves the
/// group, gets the dataset after a quiet time, and after another one what it missed.
/// </summary>
internal sealed class DatasetDelivery(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head,
    FrameBuilder frames,
    StreamPublisher publisher,
    DatasetDebts debts
)
{
    /// <summary>Runs the next phase of a join. The outcome, or null when the join continues later.</summary>
    /// <exception cref="GatewayException">A send of the phase has no known outcome.</exception>
    public async Task<ProjectOutcome?> ServeAsync(JoinItem item, CancellationToken cancellationToken)
    {
        try
        {
            if (!item.IsMarked && !await MarkAsync(item, cancellationToken))
            {
                return new ProjectOutcome.Gone();
            }
        }
        catch (GatewayException exception)
        {
            // Nothing of this join was sent, so it concerns no other.
            services.Observer.Failed(replica.Project, exception);
            return new ProjectOutcome.Unavailable("The service does not say whether this was begun before.");
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

    /// <summary>Takes a live subscriber out of the group, and tells it why.</summary>
    public async Task<ProjectOutcome?> LeaveAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.Error is { } error)
        {
            // Through a group that it is always in: an owed dataset may just hold it out of the project's.
            var only = new Audience.Only(item.Origin.Connection);
            await services.Gateway.SendToGroupAsync(GroupName.Everyone, frames.Refusal(error), only, cancellationToken);
        }

        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        return Continue(item, JoinPhase.Dataset);
    }

    /// <summary>Sends the dataset to a connection that is out of the group.</summary>
    public async Task<ProjectOutcome?> SendDatasetAsync(JoinItem item, CancellationToken cancellationToken)
    {
        await debts.BeginAsync(item, cancellationToken);
        if (await EnterAsync(item, cancellationToken) is var outcome && outcome is not ProjectOutcome.Done)
        {
            return outcome;
        }

        // It was in the group for this one send, so that the dataset is fenced by the generation like every other send.
        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        item.DatasetRevision = replica.State.Revision;
        return Continue(item, JoinPhase.CatchUp);
    }

    /// <summary>Brings a connection back into the group, and sends it what followed its dataset.</summary>
    public async Task<ProjectOutcome?> CatchUpAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.DatasetRevision < replica.Head.LogStart - 1)
        {
            // What followed its dataset was removed for its age: the engine that served it has stood still since.
            return Continue(item, JoinPhase.Dataset);
        }

        var missed = new List<LogEntry>();
        await foreach (var commit in replica.Log.ReadCommitsAsync(item.DatasetRevision, replica.State.Revision, cancellationToken))
        {
            missed.AddRange(commit.Entries);
        }

        if (missed.Exists(static entry => entry.ReplacesAll))
        {
            return Continue(item, JoinPhase.Dataset);
        }

        if (await AddAsync(item, cancellationToken) is (IsIn: false, var instead))
        {
            return instead;
        }

        await publisher.SendMissedAsync(item.Origin.Connection, missed, cancellationToken);
        return new ProjectOutcome.Done(item.DatasetRevision, item.MayHaveReceivedDataset);
    }

    private async Task<ProjectOutcome?> EnterAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var frame = frames.Dataset(replica.State.Revision, replica.State.Dataset.ToClientJson);
        if (frame.Length > GatewayLimits.MessageBytesMax)
        {
            return new ProjectOutcome.TooLarge(frame.Length);
        }

        if (await AddAsync(item, cancellationToken) is (IsIn: false, var instead))
        {
            return instead;
        }

        var only = new Audience.Only(item.Origin.Connection);
        await services.Gateway.SendToGroupAsync(replica.Group, frame, only, cancellationToken);
        item.SentAt = services.Time.GetUtcNow();
        return new ProjectOutcome.Done(replica.State.Revision, item.MayHaveReceivedDataset);
    }

    /// <summary>
    /// Adds a connection to the group, and checks afterwards that the lease is still ours. An engine that takes the lease over empties the
    /// group before it sends, so either our sends reach no member or the check finds that nothing may be sent.
    /// </summary>
    /// <returns>Whether it is in, and else the outcome of the join: null when it is served again, as the lease turns out to be lost.</returns>
    private async Task<(bool IsIn, ProjectOutcome? Instead)> AddAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (!await services.Gateway.AddToGroupAsync(replica.Group, item.Origin.Connection, cancellationToken))
        {
            return (IsIn: false, new ProjectOutcome.Gone());
        }

        if (await replica.Log.ReadHeadAsync(cancellationToken) is { } read && read.Value.IsHeldBy(head.Engine))
        {
            return (IsIn: true, Instead: null);
        }

        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        return (IsIn: false, Instead: null);
    }

    /// <summary>
    /// Leaves a mark at the service that the event was begun. A connection for which it was begun before is a live subscriber by now, or half
    /// out of the group, and may have edited on the dataset that it got. False when the connection is gone.
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

    private ProjectOutcome? Continue(JoinItem item, JoinPhase phase)
    {
        item.Phase = phase;
        item.NotBefore = services.Time.TimestampIn(options.QuietTime);
        return null;
    }
}
