using System.Net.WebSockets;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Why and how a connection ends; the first order stands.</summary>
/// <param name="Status">The WebSocket close code.</param>
/// <param name="Text">The text of the close frame.</param>
/// <param name="Reason">What the disconnected event says.</param>
/// <param name="IsFlushed">Whether the frames that wait go out before the close frame.</param>
internal sealed record CloseRequest(WebSocketCloseStatus Status, string Text, string Reason, bool IsFlushed = true)
{
    /// <summary>Whether the transport is cut instead of closed.</summary>
    public bool IsAbrupt => Status == WebSocketCloseStatus.Empty;

    /// <summary>What a client sees whose message could not be handled (measured).</summary>
    public static readonly CloseRequest MessageFailed = new(
        WebSocketCloseStatus.InternalServerError,
        "Internal server error",
        "The event handler did not accept a message."
    );

    /// <summary>A frame of more than <see cref="PubSubLimits.MessageBytesMax"/> bytes (measured).</summary>
    public static readonly CloseRequest MessageTooBig = new(
        WebSocketCloseStatus.MessageTooBig,
        "Message too big",
        "The client sent a message of more than 1 MiB."
    );

    /// <summary>A frame that breaks the rules of WebSocket, such as a text frame that is not UTF-8 (RFC 6455, 8.1).</summary>
    public static readonly CloseRequest InvalidFrame = new(
        WebSocketCloseStatus.InvalidPayloadData,
        "",
        "The client sent an invalid frame.",
        IsFlushed: false
    );

    /// <summary>The stand-in stops.</summary>
    public static readonly CloseRequest GoingAway = new(
        WebSocketCloseStatus.EndpointUnavailable,
        "",
        "The service is shutting down."
    );

    /// <summary>The connection was lost without a close handshake.</summary>
    public static readonly CloseRequest Lost = new(
        WebSocketCloseStatus.Empty,
        "",
        "The connection ended.",
        IsFlushed: false
    );

    /// <summary>The receiver is too slow; a close frame could not overtake what it does not read.</summary>
    public static readonly CloseRequest SlowClient = new(
        WebSocketCloseStatus.Empty,
        "",
        "The client was too slow.",
        IsFlushed: false
    );

    /// <summary>A publisher closed it: a simple client sees 1000 and no text, whatever the reason (measured).</summary>
    public static CloseRequest ByPublisher(string? reason) =>
        new(
            WebSocketCloseStatus.NormalClosure,
            "",
            string.IsNullOrEmpty(reason)
                ? "Application server closed the connection."
                : $"Application server closed the connection. Reason: {reason}"
        );

    /// <summary>The client closed it; it gets its own code back (RFC 6455, 5.5.1).</summary>
    public static CloseRequest ByClient(WebSocketCloseStatus? status, string? text) =>
        new(status ?? WebSocketCloseStatus.NormalClosure, "", text ?? "", IsFlushed: false);
}
