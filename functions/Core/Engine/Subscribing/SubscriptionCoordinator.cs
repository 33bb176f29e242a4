using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// Brings connections into a project at an exact revision, and out of it. Works under the lease, when everything up to the head is
/// published; what it did counts once a later write of the head has shown that the lease was ours all the time.
/// </summary>
internal sealed partial class SubscriptionCoordinator(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    FrameBuilder frames,
    StreamPublisher publisher,
    DatasetDebts debts
)
{
    private readonly List<JoinItem> waiting = [];
    private readonly List<LeaveItem> leaving = [];
    private readonly List<LeaveItem> left = [];
    private readonly List<RepeatItem> repeats = [];
    private readonly List<RepeatItem> repeated = [];
    private readonly List<JoinItem> underWay = [];
    private readonly List<(JoinItem Item, ProjectOutcome Outcome)> unconfirmed = [];
    private (HashSet<ConnectionId> Owed, HashSet<ConnectionId> Settling) indebted;
    private bool looksForDebts;
    private int session;

    public bool IsEmpty => waiting.Count == 0 && leaving.Count == 0 && left.Count == 0 && repeats.Count == 0 && repeated.Count == 0 && underWay.Count == 0;

    /// <summary>Whether something was done that does not count yet.</summary>
    public bool HasUnconfirmed => underWay.Count > 0 || left.Count > 0 || repeated.Count > 0;

    public void Add(ProjectRequest item)
    {
        switch (item)
        {
            case LeaveItem leave:
                DropDebts(leave.Origin.Connection);
                leaving.Add(leave);
                break;
            case RepeatItem repeat:
                repeats.Add(repeat);
                break;
            case JoinItem join:
                AddJoin(join);
                break;
            default:
                throw new InvalidOperationException("The desk takes joins, leaves and repeats.");
        }
    }

    /// <summary>How long until something is due; zero when it is now, null when nothing waits.</summary>
    public TimeSpan? UntilDue()
    {
        if (leaving.Count > 0 || repeats.Count > 0 || looksForDebts)
        {
            return TimeSpan.Zero;
        }

        TimeSpan? least = null;
        var now = services.Time.GetTimestamp();
        foreach (var item in waiting)
        {
            var until = item.NotBefore <= now ? TimeSpan.Zero : services.Time.GetElapsedTime(now, item.NotBefore);
            least = least is { } known && known < until ? known : until;
        }

        return least;
    }

    /// <summary>Serves everything that is due, together.</summary>
    /// <exception cref="GatewayException">Something has no known outcome; the items concerned wait again.</exception>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        StartSession();
        await ServeLeavesAsync(cancellationToken);
        await ServeRepeatsAsync(cancellationToken);
        await LookForDebtsAsync(cancellationToken);
        var now = services.Time.GetTimestamp();
        var due = waiting.Where(item => item.NotBefore <= now).ToList();
        indebted = due.Exists(static item => item.IsDebt) ? await debts.ReadAsync(cancellationToken) : default;
        GatewayException? failure = null;
        foreach (var together in due.Chunk(options.JoinsInParallel))
        {
            // Renewing may have folded commits of others; a dataset must not run ahead of what is published. Nor of what is recorded
            // as published: whoever took over from us would send a newcomer again what its dataset holds.
            if (!await publisher.RecordAsync(cancellationToken) || replica.HasUnsent || replica.MustEvict)
            {
                break;
            }

            foreach (var item in together)
            {
                waiting.Remove(item);
                underWay.Add(item);
            }

            // They end on several threads; what came of them is noted by this one alone.
            var results = await Task.WhenAll(together.Select(item => ServeGuardedAsync(item, cancellationToken)));
            foreach (var (item, result) in together.Zip(results))
            {
                Note(item, result.Outcome, result.Failure);
                failure ??= result.Failure;
            }
        }

        frames.ForgetDataset();
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>A write of the head has shown that the lease was ours: what was done counts.</summary>
    public void Confirm()
    {
        if (session != replica.LeaseSession)
        {
            Redo();
            return;
        }

        foreach (var leave in left)
        {
            leave.Complete(new ProjectOutcome.Done(replica.State.Revision));
        }

        left.Clear();
        foreach (var repeat in repeated)
        {
            repeat.Answer(new ProjectOutcome.Done(repeat.Mark.Revision));
        }

        repeated.Clear();
        underWay.Clear();
        foreach (var (item, result) in unconfirmed)
        {
            // The right may have been taken away meanwhile, and the connection out of the group.
            var outcome = MaySee(item) ? result : new ProjectOutcome.Denied();
            item.Answer(outcome);
            if (outcome is ProjectOutcome.Done done)
            {
                debts.MarkSettled(item);
                services.Observer.Joined(replica.Project, item.Origin.Connection, done.Revision);
            }
        }

        unconfirmed.Clear();
    }

    /// <summary>What was done before the lease was somebody else's does not count for the lease that is ours now.</summary>
    private void StartSession()
    {
        if (session != replica.LeaseSession)
        {
            Redo();
            session = replica.LeaseSession;
        }
    }

    /// <summary>The lease was lost, or a send has no known outcome: what was done since the last confirmation is done again.</summary>
    public void Redo()
    {
        leaving.AddRange(left);
        left.Clear();
        repeats.AddRange(repeated);
        repeated.Clear();
        unconfirmed.Clear();
        foreach (var item in underWay)
        {
            item.Restart();
            item.NotBefore = 0;
            if (item.IsDebt)
            {
                // Under another lease another engine may have begun with it as well.
                item.IsSettling &= replica.HoldsLease && session == replica.LeaseSession;
                debts.Forget(item.Origin.Connection);
            }

            if (!waiting.Contains(item))
            {
                waiting.Add(item);
            }
        }

        underWay.Clear();
    }

    /// <summary>Of a debt that was found the user is not known; who may not see the project any more was put out of those groups too.</summary>
    private bool MaySee(JoinItem item) => item.IsFound || replica.Access.RoleOf(item.Origin.User) >= Role.Viewer;

    public void FailAll(ProjectOutcome outcome)
    {
        // Nobody waits for an owed dataset, so nobody would ask for it again.
        var owed = waiting.Union(underWay).Select(static item => item.IsDebt ? item : item.Replaced).OfType<JoinItem>().ToList();
        foreach (var item in owed.Intersect(underWay))
        {
            item.Restart();
            item.IsSettling = false;
            debts.Forget(item.Origin.Connection);
        }

        foreach (var item in waiting.Concat(underWay))
        {
            item.Answer(outcome);
        }

        foreach (var item in leaving.Concat(left))
        {
            item.Complete(outcome);
        }

        foreach (var repeat in repeats.Concat(repeated))
        {
            repeat.Answer(outcome);
        }

        waiting.Clear();
        underWay.Clear();
        unconfirmed.Clear();
        leaving.Clear();
        left.Clear();
        repeats.Clear();
        repeated.Clear();
        waiting.AddRange(owed);
    }

    private void AddJoin(JoinItem join)
    {
        // The newest request of a connection wins; an older one is a redelivery, or its answer is no longer waited for.
        foreach (var older in waiting.Concat(underWay).ToList())
        {
            if (older.Origin.Connection == join.Origin.Connection && older.Origin.EventId <= join.Origin.EventId)
            {
                waiting.Remove(older);
                underWay.Remove(older);
                unconfirmed.RemoveAll(done => done.Item == older);
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
                join.Replaced = older.IsDebt ? older : older.Replaced;
            }
        }

        waiting.Add(join);
    }

    private async Task ServeLeavesAsync(CancellationToken cancellationToken)
    {
        while (leaving.Count > 0)
        {
            var leave = leaving[^1];
            if (!leave.Aborted.IsCancellationRequested)
            {
                await services.Gateway.RemoveFromGroupAsync(replica.Group, leave.Origin.Connection, cancellationToken);
                await debts.CancelAsync(leave.Origin.Connection, cancellationToken);
            }

            // Out of this generation's group; whether that is the one with the members, the next write of the head tells.
            leaving.Remove(leave);
            left.Add(leave);
        }
    }

    /// <summary>
    /// Sends an author what became of revisions that it resends. An own session's last revisions are near its last one; beyond the
    /// stretch that is searched, an empty change set under the last number settles them as well.
    /// </summary>
    private async Task ServeRepeatsAsync(CancellationToken cancellationToken)
    {
        while (repeats.Count > 0)
        {
            var repeat = repeats[^1];
            var open = new HashSet<string>(repeat.LocalRevisions, StringComparer.Ordinal);
            var entries = new List<LogEntry>();
            var first = Math.Max(1, repeat.Mark.Revision - options.RepeatSearchMax);
            await foreach (
                var entry in replica.Log.ReadEntriesAsync(first, repeat.Mark.Revision, cancellationToken)
            )
            {
                if (
                    string.Equals(entry.Session, repeat.Session, StringComparison.Ordinal)
                    && open.Remove(entry.LocalRevision)
                )
                {
                    entries.Add(entry);
                }
            }

            entries.AddRange(open.Order(StringComparer.Ordinal).Select(local => Settled(repeat, local)));
            await publisher.SendMissedAsync(repeat.Origin.Connection, entries, cancellationToken);

            // Sent to this generation's group; whether its author was in that one, the next write of the head tells.
            repeats.Remove(repeat);
            repeated.Add(repeat);
        }
    }

    private static LogEntry Settled(RepeatItem repeat, string local) =>
        new(
            repeat.Mark.Revision,
            EntryKind.Change,
            repeat.Origin,
            local,
            Client: $"\"{System.Text.Json.JsonEncodedText.Encode(repeat.Origin.Connection.Value)}\"",
            repeat.Session,
            ConflictResolutionFor: null,
            "{}"u8.ToArray(),
            Cut: false
        );

    private void Note(JoinItem item, ProjectOutcome? outcome, GatewayException? failure)
    {
        debts.MarkSent(item);
        if (item.IsDebt && outcome is not (null or ProjectOutcome.Done))
        {
            debts.Forget(item.Origin.Connection);
        }

        if (item.Replaced is { } debt && outcome is not (null or ProjectOutcome.Done))
        {
            debt.Restart();
            waiting.Add(debt);
        }

        if (outcome is not null)
        {
            unconfirmed.Add((item, outcome));
        }
        else if (failure is null)
        {
            waiting.Add(item);
        }
    }

    private async Task<(ProjectOutcome? Outcome, GatewayException? Failure)> ServeGuardedAsync(
        JoinItem item,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await ServeAsync(item, cancellationToken), null);
        }
        catch (GatewayException exception)
        {
            return (null, exception);
        }
    }
}
