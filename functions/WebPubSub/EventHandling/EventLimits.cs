using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>What the event handler reads at most. More is refused before it is read.</summary>
public static class EventLimits
{
    /// <summary>
    /// Bytes of a client's frame: the service takes no more from a client (concept-service-internals).
    /// </summary>
    public const int FrameBytesMax = GatewayLimits.MessageBytesMax;

    /// <summary>
    /// Bytes of the body of a connect event, which repeats the handshake's claims, query and headers as JSON. Servers
    /// take about 32 KiB of those, which escapes can make six times as long.
    /// </summary>
    public const int ConnectBytesMax = 256 * 1024;

    /// <summary>
    /// Characters of the connection state as a header, on its way in and out. It travels with every event, and servers
    /// take 16 to 32 KiB of headers in all: one that is too long would lose its connection for good.
    /// </summary>
    public const int StateCharsMax = 4 * 1024;

    /// <summary>Characters of any other header that is read.</summary>
    public const int HeaderCharsMax = 1024;

    /// <summary>Host names in one abuse-protection handshake: a resource, its replicas and custom domains.</summary>
    public const int OriginsMax = 32;
}
