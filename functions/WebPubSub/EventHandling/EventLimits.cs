using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>The limits of what the event handler reads. Larger requests are refused before they are read.</summary>
public static class EventLimits
{
    /// <summary>Bytes of a client's frame; the limit of the service (concept-service-internals).</summary>
    public const int FrameBytesMax = GatewayLimits.MessageBytesMax;

    /// <summary>
    /// Bytes of a connect event, which repeats the claims, query and headers of the handshake as JSON. Servers accept about
    /// 32 KiB of those, and escapes can make them six times as long.
    /// </summary>
    public const int ConnectBytesMax = 256 * 1024;

    /// <summary>
    /// Characters of the connection state as a header, in requests and responses. The state travels with every event, and
    /// servers accept 16 to 32 KiB of headers in all: a longer state would break its connection permanently.
    /// </summary>
    public const int StateCharsMax = 4 * 1024;

    /// <summary>Characters of any other header that is read.</summary>
    public const int HeaderCharsMax = 1024;

    /// <summary>Host names in one abuse-protection handshake: a resource, its replicas and custom domains.</summary>
    public const int OriginsMax = 32;
}
