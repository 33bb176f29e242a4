using ServerlessSync.Core.Access;
using ServerlessSync.Core.Data;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Messages;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Sequencing;

/// <summary>
/// Decides what a batch of submissions becomes against the folded state, and appends it in one transaction; after a lost race it folds
/// what others committed and decides again.
/// </summary>
internal sealed class Committer(SyncServices services, SequencerOptions options, ProjectReplica replica)
{
    private readonly HashSet<ConnectionId> verified = [];

    /// <summary>Accepts what can be accepted and says of every item what it waits for.</summary>
    /// <exception cref="StorageException">Nothing of the batch was stored, or it is not known.</exception>
    public async Task<IReadOnlyList<Decision>> CommitAsync(
        IReadOnlyList<SubmitItem> items,
        CancellationToken cancellationToken
    )
    {
        verified.Clear();
        var started = services.Time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var live = await DropGoneAsync(items, attempt, cancellationToken);
            var baseDataset = items.Any(static item => item is ResetItem)
                ? await replica.ReadBaseAsync(cancellationToken)
                : null;
            replica.State.Dataset.Mark();
            var pass = new DecidePass(services, options, replica, baseDataset);
            foreach (var item in items)
            {
                pass.Decide(item, gone: !live.Contains(item));
            }

            if (pass.Entries.Count == 0)
            {
                replica.State.Dataset.Release();
                return pass.Decisions;
            }

            var commit = new Commit(services.Ids.NewId(), services.Time.GetUtcNow(), pass.Entries);
            if (await TryAppendAsync(commit, attempt, cancellationToken))
            {
                services.Observer.Committed(
                    replica.Project,
                    commit.Last,
                    commit.Entries.Count,
                    attempt,
                    services.Time.GetElapsedTime(started)
                );
                return pass.Decisions;
            }
        }
    }

    private async Task<bool> TryAppendAsync(Commit commit, int attempt, CancellationToken cancellationToken)
    {
        var head = replica.Head with { Revision = commit.Last };
        var next = head.LeaseIsFree ? head.TakenBy(replica.Engine) : head;
        HeadWrite written;
        try
        {
            written = await replica.WriteAsync(next, commit, cancellationToken);
        }
        catch (Exception)
        {
            // Refused by the store for another reason than a race: nothing was written.
            replica.State.Dataset.Rollback();
            throw;
        }

        if (written == HeadWrite.Written)
        {
            replica.State.Dataset.Release();
            return true;
        }

        replica.State.Dataset.Rollback();
        if (attempt >= options.CommitAttemptsMax)
        {
            throw new StorageException(
                $"A commit to project {replica.Project} lost {attempt} races.",
                outcomeUnknown: written == HeadWrite.Unknown
            );
        }

        await BackOffAsync(attempt, cancellationToken);
        return await replica.RefreshAsync(commit.Id, cancellationToken);
    }

    private Task BackOffAsync(int attempt, CancellationToken cancellationToken)
    {
        // Full jitter: losers of one race must not meet again in the next.
        var ceiling = options.CommitBackOff * Math.Pow(2, attempt - 1);
        return Task.Delay(ceiling * services.Ids.NextDouble(), services.Time, cancellationToken);
    }

    /// <summary>
    /// The items whose author can still be there. Late events are checked with the service: their author may have
    /// reconnected and loaded a dataset since, and would get its own old change on top of it.
    /// </summary>
    private async Task<HashSet<SubmitItem>> DropGoneAsync(
        IReadOnlyList<SubmitItem> items,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var live = new HashSet<SubmitItem>(items.Count);
        foreach (var item in items)
        {
            if (!IsLate(item, attempt) || verified.Contains(item.Origin.Connection))
            {
                live.Add(item);
            }
            else if (await services.Gateway.ConnectionExistsAsync(item.Origin.Connection, cancellationToken))
            {
                verified.Add(item.Origin.Connection);
                live.Add(item);
            }
        }

        return live;
    }

    private bool IsLate(SubmitItem item, int attempt) =>
        attempt > 1
        || services.Time.GetElapsedTime(item.Received) > options.LateAfter
        || services.Time.GetUtcNow() - item.EventTime > options.LateAfter;
}

/// <summary>What an item of a batch waits for.</summary>
/// <param name="Item">The item.</param>
/// <param name="Revision">It is answered when this revision is published; null when nothing of it was accepted.</param>
/// <param name="Outcome">The answer when it is known at once.</param>
/// <param name="Heal">Why its sender must get a fresh dataset instead; an empty text when there is nothing to tell it.</param>
/// <param name="Repeat">What of it was accepted before and is to be answered again.</param>
internal sealed record Decision(
    SubmitItem Item,
    long? Revision,
    WorkOutcome? Outcome,
    string? Heal,
    RepeatItem? Repeat = null
);

/// <summary>One pass over a batch against the state as it is now. Applies to the marked dataset as it goes.</summary>
internal sealed class DecidePass(
    SyncServices services,
    SequencerOptions options,
    ProjectReplica replica,
    Dataset? baseDataset
)
{
    private readonly Dictionary<Origin, long> accepted = [];
    private long resetRevision = replica.State.ResetRevision;
    private DateTimeOffset resetTime = replica.State.ResetTime;

    public List<LogEntry> Entries { get; } = [];

    public List<Decision> Decisions { get; } = [];

    private long Next => replica.State.Revision + Entries.Count + 1;

    public void Decide(SubmitItem item, bool gone)
    {
        var decision = DecideItem(item, gone);
        if (decision.Revision is { } revision)
        {
            accepted[item.Origin] = revision;
        }

        Decisions.Add(decision);
    }

    private Decision DecideItem(SubmitItem item, bool gone)
    {
        if (replica.State.Repeats.FindEvent(item.Origin) is { } before)
        {
            return new Decision(item, before, Outcome: null, Heal: null);
        }

        if (accepted.TryGetValue(item.Origin, out var inBatch))
        {
            return new Decision(item, inBatch, Outcome: null, Heal: null);
        }

        if (gone)
        {
            return new Decision(item, Revision: null, new WorkOutcome.Gone(), Heal: null);
        }

        if (replica.Access.RoleOf(item.Origin.User) < Role.Editor)
        {
            return new Decision(item, Revision: null, new WorkOutcome.Denied(), Heal: null);
        }

        return item is ChangeItem change ? DecideChange(change) : DecideReset(item);
    }

    private Decision DecideReset(SubmitItem item)
    {
        resetRevision = Next;
        resetTime = services.Time.GetUtcNow();
        Add(
            new LogEntry(
                resetRevision,
                EntryKind.Reset,
                item.Origin,
                LocalRevision: "null",
                Client: null,
                Session: null,
                ConflictResolutionFor: null,
                "{}"u8.ToArray(),
                Cut: false
            )
        );
        return new Decision(item, resetRevision, Outcome: null, Heal: null);
    }

    private Decision DecideChange(ChangeItem item)
    {
        if (item.Knowledge.IsStale(resetRevision, resetTime, services.Time.GetUtcNow(), options.UnaskedWindow))
        {
            return new Decision(item, Revision: null, Outcome: null, Heal: string.Empty);
        }

        var known = item.Session is null ? null : replica.State.Repeats.FindSession(item.Session);
        long? last = null;
        var repeated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var revision in item.Revisions)
        {
            if (known is { } mark && LocalRevision.TryRead(revision.LocalRevision, out var local) && local <= mark.Local)
            {
                last ??= mark.Revision;
                repeated.Add(revision.LocalRevision);
                continue;
            }

            switch (replica.State.Dataset.Decide(revision.Changes, Next))
            {
                case ChangeDecision.Accepted accepted:
                    Add(ToEntry(item, revision, accepted));
                    last = Entries[^1].Revision;
                    break;
                case ChangeDecision.Refused refused:
                    return new Decision(item, last, Outcome: null, Heal: refused.Reason);
                default:
                    throw new InvalidOperationException("An unknown decision.");
            }
        }

        var repeat = repeated.Count > 0 ? new RepeatItem(item, repeated, known!.Value.Revision) : null;
        return new Decision(item, last, Outcome: null, Heal: null, repeat);
    }

    private LogEntry ToEntry(ChangeItem item, SubmittedRevision revision, ChangeDecision.Accepted accepted) =>
        new(
            Next,
            EntryKind.Change,
            item.Origin,
            revision.LocalRevision,
            revision.Client,
            item.Session,
            revision.ConflictResolutionFor,
            accepted.Changes,
            accepted.Cut
        );

    private void Add(LogEntry entry)
    {
        replica.State.Apply(entry, baseDataset);
        Entries.Add(entry);
    }
}
