using System.Net.WebSockets;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// One frame for clients, of at most <see cref="PubSubLimits.MessageBytesMax"/> bytes, whether it is a group send, a
/// personal send or a reply. All receivers of a send share it, so its payload is immutable.
/// </summary>
internal sealed class OutboundFrame
{
    /// <summary>
    /// Creates a frame. The length was checked where the bytes arrived, with an error in the terms of that operation.
    /// </summary>
    /// <param name="payload">The bytes as sent: simple clients get no envelope.</param>
    /// <param name="type">Text or binary.</param>
    /// <param name="expiresAt">The <see cref="TimeProvider"/> timestamp after which the frame is no longer delivered; null
    /// for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">The payload is larger than the service allows.</exception>
    public OutboundFrame(ReadOnlyMemory<byte> payload, WebSocketMessageType type, long? expiresAt = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, PubSubLimits.MessageBytesMax, nameof(payload));
        Payload = payload;
        Type = type;
        ExpiresAt = expiresAt;
    }

    public ReadOnlyMemory<byte> Payload { get; }

    public WebSocketMessageType Type { get; }

    public long? ExpiresAt { get; }
}
