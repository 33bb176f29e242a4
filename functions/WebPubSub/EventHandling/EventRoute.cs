namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// The path in the hub's event handler setting. It includes <c>{event}</c> because the service fills in <c>validate</c> for
/// its handshake, so that a gateway can recognise the handshake by its path.
/// </summary>
public static class EventRoute
{
    /// <summary>The path below the <c>api</c> prefix that a Functions host adds.</summary>
    public const string BelowPrefix = "eventhandler/{event}";

    /// <summary>The full path.</summary>
    public const string Pattern = "/api/" + BelowPrefix;
}
