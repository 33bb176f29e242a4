namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>One CloudEvent for the event handler; identical in all attempts to deliver it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Hub"><c>ce-hub</c>, lower case.</param>
/// <param name="ConnectionId"><c>ce-connectionId</c>.</param>
/// <param name="EventId"><c>ce-id</c>: counts up per connection, 0 is connect.</param>
/// <param name="RequestId"><c>x-ms-client-request-id</c>.</param>
/// <param name="Time"><c>ce-time</c>.</param>
/// <param name="UserId"><c>ce-userId</c>; null for none.</param>
/// <param name="Subprotocol"><c>ce-subprotocol</c>; null for none.</param>
/// <param name="State"><c>ce-connectionState</c>; null when never set. An empty text is a value.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">The body; immutable.</param>
public sealed record UpstreamEvent(
    UpstreamEventKind Kind,
    string Hub,
    string ConnectionId,
    long EventId,
    string RequestId,
    DateTimeOffset Time,
    string? UserId,
    string? Subprotocol,
    string? State,
    string ContentType,
    ReadOnlyMemory<byte> Body
)
{
    /// <summary><c>ce-eventName</c>. All frames of simple clients are the event <c>message</c>.</summary>
    public string Name =>
        Kind switch
        {
            UpstreamEventKind.Connect => "connect",
            UpstreamEventKind.Connected => "connected",
            UpstreamEventKind.Message => "message",
            _ => "disconnected",
        };

    /// <summary><c>ce-type</c>.</summary>
    public string Type => (Kind == UpstreamEventKind.Message ? "azure.webpubsub.user." : "azure.webpubsub.sys.") + Name;

    /// <summary>The cookies that upstreams set on this connection.</summary>
    internal CookieJar Cookies { get; init; } = new();

    /// <summary>The index of the upstream of the last attempt; null before the first.</summary>
    internal int? LastUpstream { get; set; }
}
