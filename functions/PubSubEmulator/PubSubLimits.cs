namespace ServerlessSync.PubSubEmulator;

/// <summary>The limits of the emulator. Constants are the service's own limits; the others can be lowered for tests.</summary>
public sealed record PubSubLimits
{
    /// <summary>
    /// Bytes of one frame in either direction, and so of one REST body and of the reply to a message: exactly 1 MiB is
    /// accepted (concept-service-internals; measured).
    /// </summary>
    public const int MessageBytesMax = 1024 * 1024;

    /// <summary>Bytes of the response to a handshake, which does not become a frame (measured).</summary>
    public const int ConnectReplyBytesMax = 16 * 1024 * 1024;

    /// <summary>Characters of a group's name (REST specification).</summary>
    public const int GroupCharsMax = 1024;

    /// <summary>Seconds that a message may wait for its receiver (REST specification).</summary>
    public const int MessageTtlSecondsMax = 300;

    /// <summary>Connections per page of a group's list (REST specification).</summary>
    public const int PageSizeMax = 200;

    /// <summary>Messages queued for one connection before it is closed as too slow.</summary>
    /// <value>Default 1,000 (measured); at least 1.</value>
    public int OutboundMessagesMax { get; init; } = 1000;

    /// <summary>Bytes queued for one connection before it is closed as too slow.</summary>
    /// <value>Default 16 MiB (measured); at least 1.</value>
    public long OutboundBytesMax { get; init; } = 16L * 1024 * 1024;

    /// <summary>Open connections; further handshakes are answered with 429.</summary>
    /// <value>Default 10,000, so that a runaway script does not exhaust the machine; at least 1.</value>
    public int ConnectionsMax { get; init; } = 10_000;

    internal IEnumerable<string> Problems()
    {
        if (OutboundMessagesMax < 1)
        {
            yield return $"{nameof(OutboundMessagesMax)} is {OutboundMessagesMax}: needs at least 1.";
        }

        if (OutboundBytesMax < 1)
        {
            yield return $"{nameof(OutboundBytesMax)} is {OutboundBytesMax}: needs at least 1.";
        }

        if (ConnectionsMax < 1)
        {
            yield return $"{nameof(ConnectionsMax)} is {ConnectionsMax}: needs at least 1.";
        }
    }
}
