using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>Answers what was done under a lease once the lease is confirmed, and has it done again when it is not.</summary>
internal sealed class DeliveryConfirmation(EngineDependencies services, ProjectReplica replica, OutgoingQueue queue, DatasetDebts debts)
{
    /// <summary>Answers everything that waits. Owed datasets stay: no client would ask for them again.</summary>
    public void FailAll(UnconfirmedWork? session, ProjectOutcome outcome)
    {
        List<JoinItem> unconfirmed = [.. session?.Joins.Keys ?? []];
        var joins = queue.Joins.Union(unconfirmed).ToList();
        var owed = joins.Select(static item => item.IsDebt ? item : item.ReplacedDebt).OfType<JoinItem>().ToList();
        foreach (var item in owed.Intersect(unconfirmed))
        {
            item.Restart();
            item.IsSettling = false;
            debts.Forget(item.Origin.Connection);
        }

        joins.ForEach(item => item.Answer(outcome));
        foreach (var leave in queue.Leaves.Concat(session?.Leaves ?? []))
        {
            leave.Answer(outcome);
        }

        foreach (var repeat in queue.Repeats.Concat(session?.Repeats ?? []))
        {
            repeat.Answer(outcome);
        }

        session?.Clear();
        queue.Clear();
        owed.ForEach(queue.Add);
    }

    /// <summary>The user of a debt that was found at the service is not known; eviction empties the groups of debts, too.</summary>
    public bool MaySee(JoinItem item) => item.IsFound || replica.Access.RoleOf(item.Origin.User) >= Role.Viewer;

    /// <summary>A head write has proved that the lease was held all the time: what was done counts.</summary>
    public void Confirm(LeaseSession session)
    {
        var confirmed = session.Unconfirmed;
        foreach (var leave in confirmed.Leaves)
        {
            leave.Answer(new ProjectOutcome.Done(replica.State.Revision));
        }

        foreach (var repeat in confirmed.Repeats)
        {
            repeat.Answer(new ProjectOutcome.Done(repeat.Mark.Revision));
        }

        foreach (var (item, result) in confirmed.Joins)
        {
            if (result is null)
            {
                continue;
            }

            // The right may have been taken away meanwhile, and the connection put out of the group.
            var outcome = MaySee(item) ? result : new ProjectOutcome.Denied();
            item.Answer(outcome);
            if (outcome is ProjectOutcome.Done done)
            {
                debts.MarkSettled(item);
                services.Observer.Joined(replica.Project, item.Origin.Connection, done.Revision);
            }
        }

        confirmed.Clear();
    }

    /// <summary>The lease was lost, or a send has no known outcome: what is unconfirmed is done again.</summary>
    public void Return(LeaseSession session, bool isLost)
    {
        var returned = session.Unconfirmed;
        returned.Leaves.ForEach(queue.Leaves.Enqueue);
        returned.Repeats.ForEach(queue.Repeats.Enqueue);
        foreach (var item in returned.Joins.Keys)
        {
            // While it is queued its due time must not change.
            queue.Remove(item);
            item.Restart();
            if (item.IsDebt)
            {
                // Under another lease another engine may have begun with it as well.
                item.IsSettling &= !isLost;
                debts.Forget(item.Origin.Connection);
            }

            queue.AddDue(item);
        }

        returned.Clear();
    }
}
