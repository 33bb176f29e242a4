using System.Net.WebSockets;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Why and how a connection ends. The first request wins.</summary>
/// <param name="Status">The WebSocket close code.</param>
/// <param name="Text">The text of the close frame.</param>
/// <param name="Reason">The reason in the disconnected event.</param>
/// <param name="IsFlushed">Whether queued frames are sent before the close frame.</param>
internal sealed record CloseRequest(WebSocketCloseStatus Status, string Text, string Reason, bool IsFlushed = true)
{
    /// <summary>Whether the transport is aborted instead of closed.</summary>
    public bool IsAbrupt => Status == WebSocketCloseStatus.Empty;

    /// <summary>The event handler did not accept a message (close code as measured).</summary>
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

    /// <summary>The emulator stops.</summary>
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

    /// <summary>The receiver is too slow; a close frame could not overtake the frames that it does not read.</summary>
    public static readonly CloseRequest SlowClient = new(
        WebSocketCloseStatus.Empty,
        "",
        "The client was too slow.",
        IsFlushed: false
    );

    /// <summary>
    /// A publisher closed the connection; a simple client sees 1000 without a text, whatever the reason (measured).
    /// </summary>
    public static CloseRequest ByPublisher(string? reason) =>
        new(
            WebSocketCloseStatus.NormalClosure,
            "",
            string.IsNullOrEmpty(reason)
                ? "Application server closed the connection."
                : $"Application server closed the connection. Reason: {reason}"
        );

    /// <summary>The client closed the connection; it gets its own code back (RFC 6455, 5.5.1).</summary>
    public static CloseRequest ByClient(WebSocketCloseStatus? status, string? text) =>
        new(status ?? WebSocketCloseStatus.NormalClosure, "", text ?? "", IsFlushed: false);
}
