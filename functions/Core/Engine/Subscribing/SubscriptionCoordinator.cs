using System.Diagnostics;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// Adds connections to a project at an exact revision, and removes them. Works under the lease, when everything up to the head is
/// published. What it did counts when a later head write confirms the lease.
/// </summary>
internal sealed class SubscriptionCoordinator
{
    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly ProjectReplica replica;
    private readonly HeadWriter head;
    private readonly FrameBuilder frames;
    private readonly DatasetDebts debts;
    private readonly DatasetDelivery delivery;
    private readonly DebtDelivery debtDelivery;
    private readonly RepeatDelivery repeats;
    private readonly DeliveryConfirmation confirmation;

    public SubscriptionCoordinator(
        EngineDependencies services,
        SequencerOptions options,
        ProjectReplica replica,
        HeadWriter head,
        FrameBuilder frames,
        StreamPublisher publisher,
        DatasetDebts debts
    )
    {
        this.services = services;
        this.options = options;
        this.replica = replica;
        this.head = head;
        this.frames = frames;
        this.debts = debts;
        Queue = new OutgoingQueue(services.Time);
        delivery = new DatasetDelivery(services, options, replica, head, frames, publisher, debts);
        debtDelivery = new DebtDelivery(services, options, Queue, delivery, debts);
        repeats = new RepeatDelivery(options, replica, publisher);
        confirmation = new DeliveryConfirmation(services, replica, Queue, debts);
        head.Confirmed = confirmation.Confirm;
        head.Lost = session => confirmation.Return(session, isLost: true);
    }

    /// <summary>What waits for the lease.</summary>
    public OutgoingQueue Queue { get; }

    /// <summary>Whether nothing waits and nothing is unconfirmed.</summary>
    public bool IsEmpty => Queue.IsEmpty && Unconfirmed is null or { IsEmpty: true };

    /// <summary>Whether a dataset is owed that this engine is to send.</summary>
    public bool HasDebts =>
        Queue.LooksForDebts
        || debts.HasSettled
        || Queue.Joins.Any(static item => item.IsDebt)
        || Unconfirmed?.Joins.Keys.Any(static item => item.IsDebt) == true;

    private UnconfirmedWork? Unconfirmed => head.Session?.Unconfirmed;

    /// <summary>Takes a join, a leave or a repeat in.</summary>
    public void Add(ProjectRequest item)
    {
        switch (item)
        {
            case LeaveItem leave:
                DropDebts(leave.Origin.Connection);
                Queue.Leaves.Enqueue(leave);
                break;
            case RepeatItem repeat:
                Queue.Repeats.Enqueue(repeat);
                break;
            case JoinItem join:
                AddJoin(join);
                break;
            default:
                throw new InvalidOperationException("Only joins, leaves and repeats are served here.");
        }
    }

    /// <summary>Schedules the dataset that a connection is owed; one for however many refusals.</summary>
    /// <param name="refused">The change that was refused.</param>
    /// <param name="untilLeaving">How long until the silence before the dataset begins.</param>
    public void AddDebt(ChangeItem refused, TimeSpan untilLeaving) => debtDelivery.Add(refused, untilLeaving);

    /// <summary>
    /// Serves what is due: leaves and repeats, then joins, <see cref="SequencerOptions.JoinsInParallel"/> at a time.
    /// </summary>
    /// <param name="mustYield">Whether commits wait; they go between joins, and the other joins stay due.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="GatewayException">A call has no known outcome.</exception>
    public async Task ServeAsync(Func<bool> mustYield, CancellationToken cancellationToken)
    {
        Debug.Assert(head is { HoldsLease: true, HasUnsent: false }, "Connections are added under the lease, at a revision that is published.");
        await ServeLeavesAsync(cancellationToken);
        await repeats.ServeAsync(Queue.Repeats, Unconfirmed!.Repeats, cancellationToken);
        await debtDelivery.LookAsync(cancellationToken);
        var due = Queue.FindDue();
        if (due.Exists(static item => item.IsDebt))
        {
            await debtDelivery.ReadAsync(cancellationToken);
        }

        try
        {
            foreach (var together in due.Chunk(options.JoinsInParallel))
            {
                // Renewing may fold commits of other engines. A dataset must not run ahead of what is recorded as published: a successor
                // would send the newcomer again what its dataset holds.
                if (!await head.RecordAsync(cancellationToken) || head.HasUnsent || head.MustEvict)
                {
                    break;
                }

                await ServeTogetherAsync(together, cancellationToken);
                if (mustYield())
                {
                    break;
                }
            }
        }
        finally
        {
            if (Queue.UntilDue() != TimeSpan.Zero)
            {
                frames.ForgetDataset();
            }
        }
    }

    /// <summary>A send has no known outcome: what is unconfirmed is done again.</summary>
    public void ReturnUnconfirmed()
    {
        if (head.Session is { } session)
        {
            confirmation.Return(session, isLost: false);
        }
    }

    /// <summary>Answers everything that waits. Owed datasets stay: no client would ask for them again.</summary>
    public void FailAll(ProjectOutcome outcome) => confirmation.FailAll(Unconfirmed, outcome);

    private void AddJoin(JoinItem join)
    {
        // The newest request of a connection wins; an older one is a redelivery, or its answer is no longer waited for.
        var others = Queue.Of(join.Origin.Connection).Union(Unconfirmed?.Of(join.Origin.Connection) ?? []);
        foreach (var older in others.Where(other => other.Origin.EventId <= join.Origin.EventId))
        {
            Queue.Remove(older);
            Unconfirmed?.Remove(older);
            if (older.Origin.EventId == join.Origin.EventId)
            {
                // Either delivery may be the one whose answer the service still waits for.
                join.Earlier = older;
            }
            else
            {
                older.Answer(new ProjectOutcome.Gone());
            }

            join.Restart();
            join.IsSettling |= older.IsSettling;
            join.ReplacedDebt = older.IsDebt ? older : older.ReplacedDebt;
        }

        Queue.Add(join);
    }

    private void DropDebts(ConnectionId connection)
    {
        foreach (var debt in Queue.Of(connection).Union(Unconfirmed?.Of(connection) ?? []).Where(static item => item.IsDebt))
        {
            Queue.Remove(debt);
            Unconfirmed?.Remove(debt);
        }

        debts.Forget(connection);
    }

    private async Task ServeLeavesAsync(CancellationToken cancellationToken)
    {
        while (Queue.Leaves.TryPeek(out var leave))
        {
            if (!leave.Aborted.IsCancellationRequested)
            {
                await services.Gateway.RemoveFromGroupAsync(replica.Group, leave.Origin.Connection, cancellationToken);
                await debts.CancelAsync(leave.Origin.Connection, cancellationToken);
            }

            // Out of this generation's group. Whether that is the one with the members, the next head write tells.
            Unconfirmed!.Leaves.Add(Queue.Leaves.Dequeue());
        }
    }

    private async Task ServeTogetherAsync(JoinItem[] together, CancellationToken cancellationToken)
    {
        var unconfirmed = Unconfirmed!;
        foreach (var item in together)
        {
            Queue.Remove(item);
            unconfirmed.Set(item, outcome: null);
        }

        // They end on several threads; their results are noted by this one alone.
        var results = await Task.WhenAll(together.Select(item => ServeGuardedAsync(item, cancellationToken)));
        GatewayException? failure = null;
        foreach (var (item, result) in together.Zip(results))
        {
            Note(item, result.Outcome, result.Failure);
            failure ??= result.Failure;
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private void Note(JoinItem item, ProjectOutcome? outcome, GatewayException? failure)
    {
        debts.MarkSent(item);
        if (outcome is not (null or ProjectOutcome.Done))
        {
            if (item.IsDebt)
            {
                debts.Forget(item.Origin.Connection);
            }

            if (item.ReplacedDebt is { } debt)
            {
                debt.Restart();
                Queue.Add(debt);
            }
        }

        if (outcome is not null)
        {
            Unconfirmed!.Set(item, outcome);
        }
        else if (failure is null)
        {
            Queue.Add(item);
        }
    }

    private async Task<(ProjectOutcome? Outcome, GatewayException? Failure)> ServeGuardedAsync(JoinItem item, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = item switch
            {
                { IsAborted: true } => new ProjectOutcome.Gone(),
                _ when !confirmation.MaySee(item) => new ProjectOutcome.Denied(),
                { IsDebt: true } => await debtDelivery.ServeAsync(item, cancellationToken),
                _ => await delivery.ServeAsync(item, cancellationToken),
            };
            return (outcome, null);
        }
        catch (GatewayException exception)
        {
            return (null, exception);
        }
    }
}
