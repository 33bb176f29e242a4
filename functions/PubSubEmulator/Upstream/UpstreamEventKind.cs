namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>The events of a simple WebSocket client (reference-cloud-events).</summary>
public enum UpstreamEventKind
{
    /// <summary><c>azure.webpubsub.sys.connect</c>: blocking, decides the handshake.</summary>
    Connect,

    /// <summary><c>azure.webpubsub.sys.connected</c>: not awaited.</summary>
    Connected,

    /// <summary><c>azure.webpubsub.user.message</c>: blocking, one frame.</summary>
    Message,

    /// <summary><c>azure.webpubsub.sys.disconnected</c>: not awaited.</summary>
    Disconnected,
}
