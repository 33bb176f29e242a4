namespace ServerlessSync.Core.Model;

/// <summary>
/// One event of a browser's connection, as Web PubSub forwards it. Events of one connection arrive one at a time and in
/// order. Events of different connections arrive in parallel, on any instance. An event may arrive more than once, with
/// the same <see cref="EventContext.EventId"/>.
/// </summary>
public abstract record ClientEvent
{
    private ClientEvent(EventContext context) => Context = context;

    /// <summary>The connection of the event.</summary>
    public EventContext Context { get; }

    /// <summary>The handshake. The connection does not exist yet; the reply accepts or refuses it.</summary>
    public sealed record Connect(EventContext Context) : ClientEvent(Context);

    /// <summary>The connection is open. The event may be lost, and may arrive after the first messages.</summary>
    public sealed record Connected(EventContext Context) : ClientEvent(Context);

    /// <summary>One frame that the client sent.</summary>
    public sealed record Message(EventContext Context, ReadOnlyMemory<byte> Frame) : ClientEvent(Context);

    /// <summary>
    /// The connection is closed. The event may be lost, and may arrive while a message is still being handled.
    /// </summary>
    public sealed record Disconnected(EventContext Context) : ClientEvent(Context);
}

/// <summary>The connection, and the data that the service carries from event to event.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="EventId"><c>ce-id</c>: counts up per connection from 0; a redelivery has the same one.</param>
/// <param name="User">The user id from the access token or the reply to connect; null when anonymous.</param>
/// <param name="State">The connection state that the last successful reply set; null when none has.</param>
/// <param name="Time"><c>ce-time</c> by the service's clock, which may differ from this instance's.</param>
public sealed record EventContext(
    ConnectionId Connection,
    long EventId,
    string? User,
    string? State,
    DateTimeOffset Time
);

/// <summary>The reply to an event.</summary>
public abstract record EventReply
{
    private EventReply() { }

    /// <summary>The reply carries no frame; everything for the client was sent and awaited before.</summary>
    /// <param name="State">The new connection state; null leaves it as it is.</param>
    public sealed record Done(string? State = null) : EventReply;

    /// <summary>The reply carries a frame for the client. Only for events that sent nothing else.</summary>
    /// <param name="Frame">One text frame (UTF-8 JSON).</param>
    /// <param name="State">The new connection state; null leaves it as it is.</param>
    public sealed record Text(ReadOnlyMemory<byte> Frame, string? State = null) : EventReply;

    /// <summary>The handshake is accepted.</summary>
    /// <param name="User">The user id of the connection; null keeps the token's.</param>
    /// <param name="Groups">The groups that the connection joins.</param>
    /// <param name="State">The connection state; null for none.</param>
    public sealed record Accepted(string? User, IReadOnlyList<GroupName> Groups, string? State) : EventReply;

    /// <summary>The handshake is refused (401).</summary>
    public sealed record Refused(string Reason) : EventReply;

    /// <summary>
    /// The event could not be handled now (503). The service delivers it again, and drops the client when that fails
    /// too.
    /// </summary>
    public sealed record Unavailable(string Reason) : EventReply;
}

/// <summary>Handles events of connections; their only entry point.</summary>
public interface IEventHandler
{
    /// <summary>Handles one event and returns the reply for the service.</summary>
    Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken);
}
