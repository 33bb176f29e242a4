namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>The events that are handled.</summary>
internal enum EventKind
{
    Connect,
    Connected,
    Message,
    Disconnected,
}
