using System.Net.WebSockets;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// One frame for clients, at most <see cref="PubSubLimits.MessageBytesMax"/> bytes whichever way it came in: group send, personal send or
/// reply. All receivers of a send share it, so its payload is never changed.
/// </summary>
internal sealed class OutboundFrame
{
    /// <summary>Makes a frame of bytes whose length was checked where they came in, and refused there in the terms of that door.</summary>
    /// <param name="payload">The bytes as they were sent: simple clients get no envelope.</param>
    /// <param name="type">Text or binary.</param>
    /// <param name="expiresAt">The <see cref="TimeProvider"/> timestamp after which it is not delivered any more; null for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">The payload is larger than the service sends.</exception>
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
