namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// The path that the hub's event handler setting names. <c>{event}</c> is in it because the service fills in
/// <c>validate</c> for its handshake, which gateways in front can then let through by its path.
/// </summary>
public static class EventRoute
{
    /// <summary>The path below the <c>api</c> prefix that a Functions host adds.</summary>
    public const string BelowPrefix = "eventhandler/{event}";

    /// <summary>The whole path.</summary>
    public const string Pattern = "/api/" + BelowPrefix;
}
