namespace ServerlessSync.Core.Model;

/// <summary>
/// One event of a browser's connection, as Web PubSub forwards it. Events of one connection come one at a time and in
/// order; those of different connections come in parallel, on any instance. An event can come more than once with the same
/// <see cref="EventContext.EventId"/>.
/// </summary>
public abstract record ClientEvent
{
    private ClientEvent(EventContext context) => Context = context;

    /// <summary>Where the event comes from.</summary>
    public EventContext Context { get; }

    /// <summary>The handshake. The connection does not exist yet; the answer decides whether it will.</summary>
    public sealed record Connect(EventContext Context) : ClientEvent(Context);

    /// <summary>The connection is open. Not ordered with its first messages, may be lost.</summary>
    public sealed record Connected(EventContext Context) : ClientEvent(Context);

    /// <summary>One frame that the client sent.</summary>
    public sealed record Message(EventContext Context, ReadOnlyMemory<byte> Frame) : ClientEvent(Context);

    /// <summary>The connection is gone. May be lost, may come while a message is still being handled.</summary>
    public sealed record Disconnected(EventContext Context) : ClientEvent(Context);
}

/// <summary>The connection, and what the service carries for it from event to event.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="EventId"><c>ce-id</c>: counts up per connection from 0; the same over redeliveries.</param>
/// <param name="User">The user id that the access token or the answer to connect gave; null when anonymous.</param>
/// <param name="State">The connection state as the last successful answer set it; null when never set.</param>
/// <param name="Time"><c>ce-time</c> by the service's clock, which may differ from ours.</param>
public sealed record EventContext(
    ConnectionId Connection,
    long EventId,
    string? User,
    string? State,
    DateTimeOffset Time
);

/// <summary>The answer to an event.</summary>
public abstract record EventReply
{
    private EventReply() { }

    /// <summary>The client hears nothing by the answer; everything it should see was sent and awaited before.</summary>
    /// <param name="State">The new connection state; null leaves it as it is.</param>
    public sealed record Done(string? State = null) : EventReply;

    /// <summary>The client gets this frame. Only for events to which nothing else was sent.</summary>
    /// <param name="Frame">One text frame (UTF-8 JSON).</param>
    /// <param name="State">The new connection state; null leaves it as it is.</param>
    public sealed record Text(ReadOnlyMemory<byte> Frame, string? State = null) : EventReply;

    /// <summary>The handshake is accepted.</summary>
    /// <param name="User">The user id from now on; null keeps the token's.</param>
    /// <param name="Groups">Groups that the connection is in from the start.</param>
    /// <param name="State">The connection state; null for none.</param>
    public sealed record Accepted(string? User, IReadOnlyList<GroupName> Groups, string? State) : EventReply;

    /// <summary>The handshake is refused (401).</summary>
    public sealed record Refused(string Reason) : EventReply;

    /// <summary>Could not be stored or sent now (503): the service delivers the event again, and drops the client when that fails too.</summary>
    public sealed record Unavailable(string Reason) : EventReply;
}

/// <summary>Handles events; the one entry point of the product.</summary>
public interface IEventHandler
{
    /// <summary>Handles one event and gives the answer for the service.</summary>
    Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken);
}
