namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>The events that are taken.</summary>
internal enum EventKind
{
    Connect,
    Connected,
    Message,
    Disconnected,
}
