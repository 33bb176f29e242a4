using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>One pass over a batch against the state as it is now. Applies to the marked dataset as it goes.</summary>
internal sealed class DecidePass(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head
)
{
    private readonly Dictionary<Origin, Decision> accepted = [];
    private readonly Dictionary<string, (long Local, long Revision)> sessions = new(StringComparer.Ordinal);
    private long resetRevision = replica.State.ResetRevision;
    private DateTimeOffset resetTime = head.ResetTime;

    public List<LogEntry> Entries { get; } = [];

    public List<Decision> Decisions { get; } = [];

    /// <summary>Contents of versions by the key that the entries name; to be stored before the entries are.</summary>
    public List<(string Key, ReadOnlyMemory<byte> Json)> Contents { get; } = [];

    private long Next => replica.State.Revision + Entries.Count + 1;

    public Decision Decide(SubmitItem item, AuthorState standing)
    {
        var decision = DecideItem(item, standing);
        if (decision.Revision is not null)
        {
            accepted[item.Origin] = decision;
        }

        Decisions.Add(decision);
        return decision;
    }

    private Decision DecideItem(SubmitItem item, AuthorState standing)
    {
        if (standing is AuthorState.Unclear or AuthorState.Unread)
        {
            return Postpone(item, standing);
        }

        return FindEarlier(item, standing) ?? standing switch
        {
            AuthorState.Gone => new Decision(item, Revision: null, new ProjectOutcome.Gone(), Resync: null),
            AuthorState.Unreachable => Postpone(item, standing),
            _ => DecideByRight(item, standing),
        };
    }

    /// <summary>The decision about an earlier delivery of the same event; null when there was none.</summary>
    private Decision? FindEarlier(SubmitItem item, AuthorState standing)
    {
        var before = replica.State.Repeats.FindEvent(item.Origin);
        if (standing == AuthorState.InterruptedResync && item is ChangeItem)
        {
            return new Decision(item, before, Outcome: null, Refusals.NotTaken);
        }

        // Revisions of a page session are recognised one by one: the first delivery may have been refused in the middle.
        if (before is not null && item is not ChangeItem { Session: not null })
        {
            return new Decision(item, before, Outcome: null, Resync: null);
        }

        if (accepted.TryGetValue(item.Origin, out var inBatch))
        {
            // Only one of the two deliveries may still be waited for: it must learn of a refusal in the middle as well, and of what it repeats.
            var repeat = inBatch.Repeat is { } first ? new RepeatItem((ChangeItem)item, first.Mark) : null;
            return inBatch with { Item = item, Repeat = repeat };
        }

        return null;
    }

    private Decision DecideByRight(SubmitItem item, AuthorState standing)
    {
        var role = replica.Access.RoleOf(item.Origin.User);
        if (role == Role.Viewer && item is ChangeItem)
        {
            // It shows its own change already, and is to show what the others see.
            return new Decision(item, Revision: null, Outcome: null, Refusals.NotAllowed);
        }

        if (role < Role.Editor)
        {
            ProjectOutcome outcome = role == Role.Viewer ? new ProjectOutcome.Refused(Refusals.NotAllowed) : new ProjectOutcome.Denied();
            return new Decision(item, Revision: null, outcome, Resync: null);
        }

        if (item is ResetItem && head.IsClosingAll)
        {
            // Asked for before its page saw the restore from an archive; it would undo that restore.
            return new Decision(item, Revision: null, new ProjectOutcome.Gone(), Resync: null);
        }

        return item switch
        {
            ChangeItem change => DecideChange(change, standing),
            RestoreItem when role != Role.Owner => new Decision(item, Revision: null, new ProjectOutcome.Denied(), Resync: null),
            RestoreItem restore => DecideRestore(restore),
            _ => DecideReplacement(item, EntryKind.Reset, restored: null),
        };
    }

    /// <summary>Nothing of it is applied; the service delivers it again.</summary>
    private static Decision Postpone(SubmitItem item, AuthorState state) =>
        new(
            item,
            Revision: null,
            new ProjectOutcome.Unavailable(
                state == AuthorState.Unread ? "What this goes back to cannot be read now." : "It cannot be told now whether this may be applied."
            ),
            Resync: null
        );

    /// <summary>
    /// A restore whose dataset is not stored has no caller any more, who wrote the dataset before. One of a revision that went meanwhile
    /// could need contents of versions that went with it.
    /// </summary>
    private Decision DecideRestore(RestoreItem item) =>
        replica.Replacements.Find(item.Restored.Key) is null || item.Restored.Revision < replica.Head.LogStart - 1
            ? new Decision(item, Revision: null, new ProjectOutcome.Gone(), Resync: null)
            : DecideReplacement(item, EntryKind.Restore, item.Restored);

    private Decision DecideReplacement(SubmitItem item, EntryKind kind, RestoredDataset? restored)
    {
        resetRevision = Next;
        resetTime = services.Time.GetUtcNow();
        Add(
            new LogEntry(
                resetRevision,
                kind,
                item.Origin,
                LocalRevision: "null",
                Client: null,
                Session: null,
                ConflictResolutionFor: null,
                "{}"u8.ToArray(),
                Cut: false
            )
            {
                Restored = restored,
            }
        );
        return new Decision(item, resetRevision, Outcome: null, Resync: null);
    }

    private Decision DecideChange(ChangeItem item, AuthorState standing)
    {
        var reset = new LastReset(resetRevision, resetTime, head.HasBeenSeen(resetRevision));
        switch (options.Window.Judge(item.DatasetState, reset, standing == AuthorState.Indebted))
        {
            case EditVerdict.Refused:
                return new Decision(item, Revision: null, Outcome: null, Resync: null) { IsRefusedByWindow = true };
            case EditVerdict.Outdated:
                // Who names its dataset has made this before the one that outdates it came, and gives it up then. One more would outdate
                // what is made meanwhile, and so on for as long as its user types.
                return new Decision(item, Next - 1, Outcome: null, Resync: null) { IsOutdated = true };
            default:
                return DecideRevisions(item);
        }
    }

    private Decision DecideRevisions(ChangeItem item)
    {
        var known = FindSession(item.Session);
        long? last = null;
        RepeatItem? repeat = null;
        foreach (var revision in item.Revisions)
        {
            if (known is { } mark && RepeatItem.IsRepeated(revision.LocalRevision, mark.Local))
            {
                last ??= mark.Revision;
                repeat ??= new RepeatItem(item, mark);
                continue;
            }

            switch (replica.State.Dataset.Decide(revision.Changes, Next, revision.ConflictResolutionFor is not null))
            {
                case ChangeDecision.Accepted accepted:
                    Add(ToEntry(item, revision, accepted));
                    last = Entries[^1].Revision;
                    Note(item.Session, revision.LocalRevision, last.Value);
                    break;
                case ChangeDecision.Refused refused:
                    return new Decision(item, last, Outcome: null, Resync: refused.Reason);
                default:
                    throw new InvalidOperationException("An unknown decision.");
            }
        }

        return new Decision(item, last, Outcome: null, Resync: null, repeat);
    }

    /// <summary>What a page resends can be in one batch with what it sent on the connection before.</summary>
    private (long Local, long Revision)? FindSession(string? session)
    {
        if (session is null)
        {
            return null;
        }

        return sessions.TryGetValue(session, out var inBatch) ? inBatch : replica.State.Repeats.FindSession(session);
    }

    private void Note(string? session, string localRevision, long revision)
    {
        if (session is not null && LocalRevision.TryRead(localRevision, out var local))
        {
            sessions[session] = (local, revision);
        }
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
        )
        {
            Contents = [.. accepted.Contents.Select(Take)],
            NeedsRule = accepted.NeedsRule,
        };

    private StoredContent Take(VersionContent content)
    {
        var key = RowKeys.VersionContent(content.Version, services.Ids.NewId());
        Contents.Add((key, content.Json));
        return new StoredContent(content.Version, key);
    }

    private void Add(LogEntry decided)
    {
        var replacement = replica.Replacements.Find(ReplacementDatasetCache.KeyOf(decided, replica.Head));
        var basis = decided.ReplacesAll ? replacement : replica.State.Dataset;
        // What the rule repairs stays as it is without it.
        var entry = decided with
        {
            Rule = IdentityRule.ByForm,
            NeedsRule = decided.NeedsRule || basis is { IsSound: false },
        };
        replica.State.Apply(entry, replacement);
        Entries.Add(entry);
    }
}
