using ServerlessSync.Core.Access;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Sequencing;

/// <summary>
/// Brings connections into a project at an exact revision, and out of it. Works under the lease, when everything up to the head is
/// published; what it did counts once a later write of the head has shown that the lease was ours all the time.
/// </summary>
internal sealed class JoinDesk(
    SyncServices services,
    SequencerOptions options,
    ProjectReplica replica,
    FrameBuilder frames,
    StreamPublisher publisher
)
{
    private readonly List<JoinItem> waiting = [];
    private readonly List<LeaveItem> leaving = [];
    private readonly List<RepeatItem> repeats = [];
    private readonly List<JoinItem> underWay = [];
    private readonly List<(JoinItem Item, WorkOutcome Outcome)> unconfirmed = [];

    public bool IsEmpty => waiting.Count == 0 && leaving.Count == 0 && repeats.Count == 0 && underWay.Count == 0;

    /// <summary>Whether something was done that does not count yet.</summary>
    public bool HasUnconfirmed => underWay.Count > 0;

    public void Add(WorkItem item)
    {
        switch (item)
        {
            case LeaveItem leave:
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
        if (leaving.Count > 0 || repeats.Count > 0)
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
        await ServeLeavesAsync(cancellationToken);
        await ServeRepeatsAsync(cancellationToken);
        var now = services.Time.GetTimestamp();
        var due = waiting.Where(item => item.NotBefore <= now).ToList();
        GatewayException? failure = null;
        foreach (var together in due.Chunk(options.JoinsInParallel))
        {
            // Renewing may have folded commits of others; a dataset must not run ahead of what is published. Nor of what is recorded
            // as published: whoever took over from us would send a newcomer again what its dataset holds.
            if (!await publisher.RecordAsync(cancellationToken) || replica.HasUnsent || replica.MustExpel)
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
        underWay.Clear();
        foreach (var (item, result) in unconfirmed)
        {
            // The right may have been taken away meanwhile, and the connection out of the group.
            var outcome = MaySee(item) ? result : new WorkOutcome.Denied();
            item.Answer(outcome);
            if (outcome is WorkOutcome.Done done)
            {
                services.Observer.Joined(replica.Project, item.Origin.Connection, done.Revision);
            }
        }

        unconfirmed.Clear();
    }

    /// <summary>The lease was lost, or a send has no known outcome: what was done since the last confirmation is done again.</summary>
    public void Redo()
    {
        unconfirmed.Clear();
        foreach (var item in underWay)
        {
            item.Restart();
            item.NotBefore = 0;
            if (!waiting.Contains(item))
            {
                waiting.Add(item);
            }
        }

        underWay.Clear();
    }

    private bool MaySee(JoinItem item) => replica.Access.RoleOf(item.Origin.User) >= Role.Viewer;

    public void FailAll(WorkOutcome outcome)
    {
        foreach (var item in waiting.Concat(underWay))
        {
            item.Answer(outcome);
        }

        foreach (var item in leaving)
        {
            item.Complete(outcome);
        }

        foreach (var repeat in repeats)
        {
            repeat.Answer(outcome);
        }

        waiting.Clear();
        underWay.Clear();
        unconfirmed.Clear();
        leaving.Clear();
        repeats.Clear();
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
                    older.Answer(new WorkOutcome.Gone());
                }

                join.Restart();
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
            }

            leaving.Remove(leave);
            leave.Complete(new WorkOutcome.Done(replica.State.Revision));
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
            var first = Math.Max(1, repeat.LastRevision - options.RepeatSearchMax);
            await foreach (
                var entry in replica.Log.ReadEntriesAsync(first, repeat.LastRevision, cancellationToken)
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
            repeats.Remove(repeat);
            repeat.Answer(new WorkOutcome.Done(repeat.LastRevision));
        }
    }

    private static LogEntry Settled(RepeatItem repeat, string local) =>
        new(
            repeat.LastRevision,
            EntryKind.Change,
            repeat.Origin,
            local,
            Client: $"\"{System.Text.Json.JsonEncodedText.Encode(repeat.Origin.Connection.Value)}\"",
            repeat.Session,
            ConflictResolutionFor: null,
            "{}"u8.ToArray(),
            Cut: false
        );

    private void Note(JoinItem item, WorkOutcome? outcome, GatewayException? failure)
    {
        if (outcome is not null)
        {
            unconfirmed.Add((item, outcome));
        }
        else if (failure is null)
        {
            waiting.Add(item);
        }
    }

    private async Task<(WorkOutcome? Outcome, GatewayException? Failure)> ServeGuardedAsync(
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

    /// <summary>One phase of a join. The outcome, or null when the join goes on later.</summary>
    private async Task<WorkOutcome?> ServeAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.IsAborted)
        {
            return new WorkOutcome.Gone();
        }

        if (!MaySee(item))
        {
            return new WorkOutcome.Denied();
        }

        if (!item.IsMarked && !await MarkAsync(item, cancellationToken))
        {
            return new WorkOutcome.Gone();
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

    private async Task<WorkOutcome?> EnterAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var frame = DatasetFrame();
        if (frame.Length > GatewayLimits.MessageBytesMax)
        {
            return new WorkOutcome.TooLarge(frame.Length);
        }

        if (!await services.Gateway.AddToGroupAsync(replica.Group, item.Origin.Connection, cancellationToken))
        {
            return new WorkOutcome.Gone();
        }

        await SendAsync(item, frame, cancellationToken);
        return Done(item, replica.State.Revision);
    }

    /// <summary>The dataset of a reset may have been taken by a subscriber for the one that it had asked for shortly before or after.</summary>
    private WorkOutcome.Done Done(JoinItem item, long revision)
    {
        var resetIsRecent =
            item.Phase != JoinPhase.First && item.EventTime - replica.ResetTime < options.UnaskedWindow;
        return new WorkOutcome.Done(revision, item.Again || resetIsRecent);
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

    private async Task<WorkOutcome?> LeaveAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.Error is { } error)
        {
            await SendAsync(item, frames.Refusal(error), cancellationToken);
        }

        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        return GoOn(item, JoinPhase.Dataset);
    }

    private async Task<WorkOutcome?> SendDatasetAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (await EnterAsync(item, cancellationToken) is var outcome && outcome is not WorkOutcome.Done)
        {
            return outcome;
        }

        // It was in the group for this one send, so that the dataset is fenced by the generation like every other send.
        await services.Gateway.RemoveFromGroupAsync(replica.Group, item.Origin.Connection, cancellationToken);
        item.DatasetRevision = replica.State.Revision;
        return GoOn(item, JoinPhase.CatchUp);
    }

    private async Task<WorkOutcome?> CatchUpAsync(JoinItem item, CancellationToken cancellationToken)
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

        if (!await services.Gateway.AddToGroupAsync(replica.Group, item.Origin.Connection, cancellationToken))
        {
            return new WorkOutcome.Gone();
        }

        await publisher.SendMissedAsync(item.Origin.Connection, missed, cancellationToken);
        return Done(item, item.DatasetRevision);
    }

    private WorkOutcome? GoOn(JoinItem item, JoinPhase phase)
    {
        item.Phase = phase;
        item.NotBefore =
            services.Time.GetTimestamp()
            + (long)(options.QuietTime.TotalSeconds * services.Time.TimestampFrequency);
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
