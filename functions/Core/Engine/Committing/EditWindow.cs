using ServerlessSync.Core.Engine.Subscribing;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>
/// When a change may have been made before its author saw the dataset that it was sent last. Such a change must not be applied: echoed,
/// it would stop its author permanently (docs/protocol-facts.md#what-stops-a-client-until-it-loads). Clients that name their dataset in
/// every change are judged by that alone;
/// for all others this is the one place that decides by time, and for how long.
/// </summary>
/// <remarks>
/// A refused change is answered at once with a text and owes its author one dataset (<see cref="DatasetDebts"/>). The owed dataset has
/// a margin of its own, so a client that edits without a pause can be refused again; <see cref="Max"/> ends that (decision 0006).
/// </remarks>
public sealed record EditWindow
{
    /// <summary>
    /// How long changes are refused after the dataset of a reset or restore was sent, whatever happens meanwhile. What it must cover:
    /// the way to a client that is busy (0.7 s, docs/protocol-facts.md#a-dataset-to-a-busy-page), loading the dataset, the 100 ms for which that client records
    /// an edit, and the way back.
    /// </summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long changes are refused after a dataset that went to one connection with silence before it: the client is idle then, so it
    /// covers a round trip, 100 ms of recording, and loading. Below half a second, or a client that edits that often never gets out.
    /// </summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// The longest time from the first dataset to an accepted change or a closed socket. A client that edits every half second or less
    /// often gets out long before.
    /// </summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>What one more dataset takes: the silence before it, its margin, and a turn of the engine.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// An event that looks younger than this when it comes in is taken for its first delivery: a redelivery comes after a second, and the
    /// service tells the time of an event in whole seconds, rounded down.
    /// </summary>
    public TimeSpan FirstDeliveryMax { get; init; } = TimeSpan.FromSeconds(1.1);

    /// <summary>The time by which a change is judged: when it came in, or for a redelivery when the service took it in, whichever is exact.</summary>
    /// <param name="now">When this process took the event in.</param>
    /// <param name="eventTime">When the service did, in whole seconds.</param>
    public DateTimeOffset MadeAt(DateTimeOffset now, DateTimeOffset eventTime) =>
        now > eventTime && now - eventTime < FirstDeliveryMax ? now : eventTime;

    /// <summary>What becomes of a change.</summary>
    /// <param name="knowledge">What is known of its author's dataset.</param>
    /// <param name="reset">The last reset or restore.</param>
    /// <param name="isOwed">Whether the dataset of an earlier refusal is still on its way, or may be.</param>
    internal EditVerdict Judge(ClientDatasetState knowledge, LastReset reset, bool isOwed)
    {
        if (knowledge.Stated is { } stated)
        {
            return stated < Math.Max(reset.Revision, knowledge.Sent) ? EditVerdict.Outdated : EditVerdict.Taken;
        }

        return IsAfter(knowledge, reset) || isOwed || knowledge.Made < knowledge.Pause?.Ends ? EditVerdict.Refused : EditVerdict.Taken;
    }

    /// <summary>Whether a change may have been made before its author saw the owed dataset, which was sent to it alone.</summary>
    internal bool IsInMargin(DateTimeOffset made, DateTimeOffset sentAt) => made - sentAt < Margin;

    /// <summary>When the time began in which a change was refused.</summary>
    internal DateTimeOffset BeginningOf(ClientDatasetState knowledge, LastReset reset)
    {
        // Until it is sent no client can have seen it, and no time runs.
        var began = reset.IsPublished ? reset.SentAt : knowledge.Made;
        return IsAfter(knowledge, reset) ? began
            : knowledge.Pause is { } pause && IsIn(pause, knowledge.Made) ? pause.Begun
            : knowledge.Made;
    }

    /// <summary>Whether a change comes so late in such a time that its author gets no further dataset: its socket is closed.</summary>
    internal bool IsOver(DateTimeOffset begun, DateTimeOffset made) => made - begun > Max - Round;

    /// <summary>How long until the dataset of a change that is refused now is to go out.</summary>
    internal TimeSpan UntilDataset(ClientDatasetState knowledge, LastReset reset, DateTimeOffset now)
    {
        var ends = IsAfter(knowledge, reset) ? (reset.IsPublished ? reset.SentAt : now) + Length : now;
        return ends > now ? ends - now : TimeSpan.Zero;
    }

    /// <summary>The pause of a connection whose event was answered after a dataset had gone to it: what queued behind that event is refused.</summary>
    /// <param name="before">Its pause until now.</param>
    /// <param name="made">The time of that event.</param>
    /// <param name="now">When the event is answered.</param>
    public EditPause AfterDataset(EditPause? before, DateTimeOffset made, DateTimeOffset now) =>
        new(before is not null && IsIn(before, made) ? before.Begun : now, now + Margin, Owed: 0);

    private bool IsAfter(ClientDatasetState knowledge, LastReset reset) =>
        knowledge.Sent < reset.Revision && (!reset.IsPublished || knowledge.Made - reset.SentAt < Length);

    private static bool IsIn(EditPause pause, DateTimeOffset made) => pause.Owed > 0 || made < pause.Ends;
}

/// <summary>A time in which changes of one connection are refused. Travels in the connection state.</summary>
/// <param name="Begun">When it began; all that follows from it counts from there.</param>
/// <param name="Ends">Changes that come in before this are refused.</param>
/// <param name="Owed">The last event that was refused and owes a dataset; 0 when none does.</param>
public sealed record EditPause(DateTimeOffset Begun, DateTimeOffset Ends, long Owed);

/// <summary>The last reset or restore of a project.</summary>
/// <param name="Revision">Its number; 0 when there was none.</param>
/// <param name="SentAt">When its dataset was sent to the subscribers.</param>
/// <param name="IsPublished">Whether it was sent.</param>
internal readonly record struct LastReset(long Revision, DateTimeOffset SentAt, bool IsPublished);

/// <summary>What becomes of a change, as far as the dataset matters on which it was made.</summary>
internal enum EditVerdict
{
    /// <summary>It counts as made on the last dataset.</summary>
    Taken,

    /// <summary>It names an older dataset. Its author gives it up, or sends it again, when the newer one comes.</summary>
    Outdated,

    /// <summary>It may be older than the last dataset, and is answered with a text and a further one.</summary>
    Refused,
}
