using System.Text.Json;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.State;

/// <summary>
/// What the log says about events and local revisions that were accepted, so that a repeat is recognised. Part of the
/// folded state: an engine appends only after it has folded everything, so it has seen every possible repeat.
/// </summary>
internal sealed class DeduplicationState
{
    /// <summary>
    /// How long an event id is kept: the service gives up redelivering after 9 s, and a frozen process may wake later.
    /// By time and not by count, so that no load can push a fresh id out.
    /// </summary>
    public static readonly TimeSpan EventHorizon = TimeSpan.FromMinutes(10);

    /// <summary>How long a page session is kept: a laptop closed over a weekend resends on Monday.</summary>
    public static readonly TimeSpan SessionHorizon = TimeSpan.FromDays(7);

    /// <summary>Page sessions kept per project, oldest dropped: about 150 bytes each.</summary>
    public const int SessionsMax = 20_000;

    private readonly HighWaterMarks events;
    private readonly HighWaterMarks sessions;

    public DeduplicationState()
        : this(new HighWaterMarks(EventHorizon, int.MaxValue), new HighWaterMarks(SessionHorizon, SessionsMax)) { }

    private DeduplicationState(HighWaterMarks events, HighWaterMarks sessions)
    {
        this.events = events;
        this.sessions = sessions;
    }

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => events.ApproximateBytes + sessions.ApproximateBytes;

    /// <summary>The last revision of the event, when it was accepted before.</summary>
    public long? FindEvent(Origin origin) =>
        events.Find(origin.Connection.Value) is { } mark && mark.Number >= origin.EventId ? mark.Revision : null;

    /// <summary>The last accepted local revision of a page session, and the revision it became.</summary>
    public (long Local, long Revision)? FindSession(string session) =>
        sessions.Find(session) is { } mark ? (mark.Number, mark.Revision) : null;

    /// <summary>What is remembered of page sessions, oldest first.</summary>
    public IEnumerable<(string Session, HighWaterMark Mark)> Sessions => sessions.Entries;

    /// <summary>Takes over what was remembered of a page session elsewhere.</summary>
    public void RememberSession(string session, HighWaterMark mark) => sessions.Put(session, mark);

    public void Remember(Commit commit)
    {
        var time = commit.Time.ToUnixTimeMilliseconds();
        foreach (var entry in commit.Entries)
        {
            events.Put(entry.Origin.Connection.Value, new HighWaterMark(entry.Origin.EventId, entry.Revision, time));
            if (entry.Session is { } session && LocalRevision.TryRead(entry.LocalRevision, out var local))
            {
                sessions.Put(session, new HighWaterMark(local, entry.Revision, time));
            }
        }

        events.Forget(time);
        sessions.Forget(time);
    }

    public DeduplicationState Clone() => new(events.Clone(), sessions.Clone());

    public void WriteTo(Utf8JsonWriter writer)
    {
        events.WriteTo(writer, "events");
        sessions.WriteTo(writer, "sessions");
    }

    public void ReadFrom(IReadOnlyDictionary<string, JsonElement> snapshot)
    {
        events.ReadFrom(snapshot["events"]);
        sessions.ReadFrom(snapshot["sessions"]);
    }
}
