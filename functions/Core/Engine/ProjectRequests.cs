using System.Diagnostics;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Engine;

/// <summary>Something a client asked of a project, on its way through the project's loop.</summary>
internal abstract class ProjectRequest(Origin origin, DateTimeOffset eventTime, long received)
{
    private readonly TaskCompletionSource<ProjectOutcome> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Origin Origin { get; } = origin;

    /// <summary>When the service took the event in, by its own clock.</summary>
    public DateTimeOffset EventTime { get; } = eventTime;

    /// <summary>When this process took it in: a time stamp of its monotonic clock.</summary>
    public long Received { get; } = received;

    /// <summary>
    /// Set when this delivery of the event is no longer waited for. The service delivers it again, or drops its client: what has not
    /// been done must not be done, as the client may be events further by then.
    /// </summary>
    public CancellationToken Aborted { get; init; }

    /// <summary>
    /// The least that its user must be in the project for the engine to be asked at all; <see cref="Role.None"/> when there only has to be
    /// such a project, null when the caller has seen to it.
    /// </summary>
    public virtual Role? Needed => null;

    /// <summary>Bytes that it keeps in memory while it waits.</summary>
    public virtual int HeldBytes => 0;

    /// <summary>The span of the event; the default without tracing.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    public Task<ProjectOutcome> Completion => completion.Task;

    /// <summary>Gives the answer; only the first one counts.</summary>
    public virtual void Answer(ProjectOutcome outcome) => completion.TrySetResult(outcome);
}

/// <summary>Asks for everything that is accepted to be published; not an event of a client.</summary>
internal sealed class PublishItem(DateTimeOffset now, long received)
    : ProjectRequest(new Origin(string.Empty, new ConnectionId(string.Empty), EventId: 0), now, received);

/// <summary>Changes one grant of the access list. Answered when users who lost the right to see the project by it are out of its group.</summary>
internal sealed class AccessItem(string? user, Role role, DateTimeOffset now, long received)
    : ProjectRequest(new Origin(string.Empty, new ConnectionId(string.Empty), EventId: 0), now, received)
{
    /// <summary>The user; null for all who are logged in.</summary>
    public string? User { get; } = user;

    public Role Role { get; } = role;
}

/// <summary>Something that becomes log entries.</summary>
internal abstract class SubmitItem(Origin origin, DateTimeOffset eventTime, long received)
    : ProjectRequest(origin, eventTime, received)
{
    /// <summary>How much of a commit it takes.</summary>
    public abstract (int Entries, int Bytes) Size { get; }

    /// <summary>Whether the holder of the lease gave it back undecided: then it is decided here, and not left to the holder again.</summary>
    public bool IsGivenBack { get; set; }
}

internal sealed class ChangeItem(
    Origin origin,
    DateTimeOffset eventTime,
    long received,
    IReadOnlyList<SubmittedRevision> revisions,
    ClientDatasetState knowledge,
    string? session
) : SubmitItem(origin, eventTime, received)
{
    /// <summary>The state of its connection says that it was admitted.</summary>
    public override Role? Needed => Role.None;

    public override int HeldBytes => Size.Bytes;

    public IReadOnlyList<SubmittedRevision> Revisions { get; } = revisions;

    public ClientDatasetState DatasetState { get; } = knowledge;

    public string? Session { get; } = session;

    public override (int Entries, int Bytes) Size { get; } =
        (revisions.Count, revisions.Sum(static revision => revision.Changes.Length));
}

/// <summary>Puts the project back to its base dataset.</summary>
/// <param name="origin">Who asks.</param>
/// <param name="eventTime">When the service took the event in.</param>
/// <param name="received">The time stamp at which this process did.</param>
internal sealed class ResetItem(Origin origin, DateTimeOffset eventTime, long received)
    : SubmitItem(origin, eventTime, received)
{
    /// <summary>Only a subscriber asks, whose right is judged with the folded state.</summary>
    public override Role? Needed => Role.None;

    public override (int Entries, int Bytes) Size => (1, 0);
}

/// <summary>Puts the project back to what it was at an earlier revision; the dataset of that time is stored already.</summary>
/// <param name="origin">The owner, on a connection of this request alone: it has no socket.</param>
/// <param name="eventTime">When it was asked.</param>
/// <param name="received">The time stamp of that.</param>
/// <param name="restored">The revision, and where its dataset is stored.</param>
/// <param name="bytes">Bytes of that dataset: they are read while a commit waits.</param>
internal sealed class RestoreItem(Origin origin, DateTimeOffset eventTime, long received, RestoredDataset restored, int bytes)
    : SubmitItem(origin, eventTime, received)
{
    public RestoredDataset Restored { get; } = restored;

    public override (int Entries, int Bytes) Size => (1, bytes);
}

/// <summary>Asks where the content of a version is stored.</summary>
internal sealed class LookUpItem(Origin origin, DateTimeOffset eventTime, long received, JsonId version)
    : ProjectRequest(origin, eventTime, received)
{
    public override Role? Needed => Role.Viewer;

    public JsonId Version { get; } = version;
}

/// <summary>Takes a connection out of the project's group.</summary>
internal sealed class LeaveItem(Origin origin, DateTimeOffset eventTime, long received)
    : ProjectRequest(origin, eventTime, received)
{
    /// <summary>Who may not see the project any more must get out of it all the same.</summary>
    public override Role? Needed => Role.None;
}

/// <summary>Answers local revisions again that were accepted before: their author lost the answer, and resent them.</summary>
/// <param name="repeated">The change, of a page session. It waits for this.</param>
/// <param name="mark">The session's last local revision that was accepted before, and the revision that it became.</param>
internal sealed class RepeatItem(ChangeItem repeated, (long Local, long Revision) mark)
    : ProjectRequest(repeated.Origin, repeated.EventTime, repeated.Received)
{
    public string Session { get; } = repeated.Session!;

    public (long Local, long Revision) Mark { get; } = mark;

    /// <summary>The JSON texts of the local revisions.</summary>
    public IReadOnlySet<string> LocalRevisions { get; } =
        repeated
            .Revisions.Select(static revision => revision.LocalRevision)
            .Where(local => IsRepeated(local, mark.Local))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a local revision is not beyond the last one that was accepted.</summary>
    public static bool IsRepeated(string localRevision, long last) =>
        LocalRevision.TryRead(localRevision, out var local) && local <= last;

    /// <summary>Answers the change, which must not be answered before its author was told what became of all of it.</summary>
    public override void Answer(ProjectOutcome outcome) => repeated.Answer(outcome);
}

/// <summary>How far a join has come.</summary>
internal enum JoinPhase
{
    /// <summary>First load: into the group, and the dataset.</summary>
    First,

    /// <summary>A live subscriber: out of the group first, so that nothing follows what it is busy with.</summary>
    Leave,

    /// <summary>After the quiet time: the dataset, and nothing else yet.</summary>
    Dataset,

    /// <summary>After another quiet time: what it missed, and back into the group.</summary>
    CatchUp,
}

/// <summary>Gives a connection the dataset at an exact revision, and everything after it.</summary>
internal sealed class JoinItem(Origin origin, DateTimeOffset eventTime, long received, bool live)
    : ProjectRequest(origin, eventTime, received)
{
    public override Role? Needed => Role.Viewer;

    public JoinPhase Phase { get; set; } = live ? JoinPhase.Leave : JoinPhase.First;

    /// <summary>The time stamp before which the next phase must not begin. Must not change while it is queued.</summary>
    public long NotBefore { get; set; }

    /// <summary>Its place among those that are due at the same time; given by the queue.</summary>
    public long Number { get; set; }

    /// <summary>The revision of the dataset that was sent.</summary>
    public long DatasetRevision { get; set; }

    /// <summary>
    /// Whether this is the event's second delivery, or may be: the first one may have come as far as a dataset.
    /// </summary>
    public bool MayBeRedelivered { get; init; }

    /// <summary>Whether the service knows that this event was begun.</summary>
    public bool IsMarked { get; set; }

    /// <summary>Whether a dataset may have been sent for this event before.</summary>
    public bool MayHaveReceivedDataset { get; set; }

    /// <summary>What the client is told first, when it is resynced because of a refusal.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the dataset is owed for a change that was refused and answered: no client waits for this.</summary>
    public bool IsDebt { get; init; }

    /// <summary>Whether the debt was found at the service, left by an engine that is no more; the user is not known then.</summary>
    public bool IsFound { get; init; }

    /// <summary>Whether the service knows the connection as one to which an owed dataset is being sent.</summary>
    public bool IsSettling { get; set; }

    /// <summary>The owed dataset that this join brings as well; it is still owed when nothing comes of the join.</summary>
    public JoinItem? ReplacedDebt { get; set; }

    /// <summary>Whether the connection was taken out of the stream for an owed dataset.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Whether the service may yet carry out what was asked of it about the debt.</summary>
    public bool IsInDoubt { get; set; }

    /// <summary>When the dataset was sent; null while it was not.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>How often this was put off because another engine was about it.</summary>
    public int Deferrals { get; set; }

    /// <summary>The change that this join answers, when the dataset was not asked for.</summary>
    public ChangeItem? Resynced { get; init; }

    /// <summary>The same event, delivered before: it is answered together with this.</summary>
    public JoinItem? Earlier { get; set; }

    /// <summary>Whether none of its deliveries is waited for.</summary>
    public bool IsAborted => Aborted.IsCancellationRequested && (Earlier?.IsAborted ?? true);

    /// <summary>Answers the join itself, and the change that it resyncs.</summary>
    public override void Answer(ProjectOutcome outcome)
    {
        Earlier?.Answer(outcome);
        base.Answer(outcome);
        Resynced?.Answer(outcome is ProjectOutcome.Done done ? new ProjectOutcome.Resynced(done.Revision) : outcome);
    }

    /// <summary>Begins anew, as for a live subscriber: something of the first try may have arrived.</summary>
    public void Restart()
    {
        Phase = JoinPhase.Leave;
        SentAt = null;
        MayHaveReceivedDataset = true;
    }
}
