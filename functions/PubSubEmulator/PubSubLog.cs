namespace ServerlessSync.PubSubEmulator;

/// <summary>The log messages of the emulator. Event ids are never reused.</summary>
internal static partial class PubSubLog
{
    [LoggerMessage(
        4001,
        LogLevel.Information,
        "Handshake refused with {Status}: {Detail}",
        EventName = "HandshakeRefused"
    )]
    public static partial void HandshakeRefused(ILogger logger, int status, string detail);

    [LoggerMessage(
        4002,
        LogLevel.Debug,
        "Connection {ConnectionId} of user {UserId} is open",
        EventName = "ConnectionOpen"
    )]
    public static partial void ConnectionOpen(ILogger logger, string connectionId, string? userId);

    [LoggerMessage(4003, LogLevel.Debug, "Connection {ConnectionId} ended: {Reason}", EventName = "ConnectionEnded")]
    public static partial void ConnectionEnded(ILogger logger, string connectionId, string reason);

    [LoggerMessage(
        4004,
        LogLevel.Warning,
        "Connection {ConnectionId} is dropped: {Reason}",
        EventName = "ConnectionDropped"
    )]
    public static partial void ConnectionDropped(ILogger logger, string connectionId, string reason);

    [LoggerMessage(
        4005,
        LogLevel.Warning,
        "Event {EventName} {EventId} of connection {ConnectionId}: attempt {Attempt} failed: {Detail}",
        EventName = "AttemptFailed"
    )]
    public static partial void AttemptFailed(
        ILogger logger,
        string connectionId,
        string eventName,
        long eventId,
        int attempt,
        string detail
    );

    [LoggerMessage(
        4006,
        LogLevel.Error,
        "The event handler threw on {EventName} of connection {ConnectionId}",
        EventName = "HandlerThrew"
    )]
    public static partial void HandlerThrew(ILogger logger, Exception exception, string connectionId, string eventName);

    [LoggerMessage(
        4007,
        LogLevel.Warning,
        "Abuse protection: {Url} is not usable: {Problem}",
        EventName = "AbuseProtectionFailed"
    )]
    public static partial void AbuseProtectionFailed(ILogger logger, Uri url, string problem);

    [LoggerMessage(
        4008,
        LogLevel.Warning,
        "Connections or their last events had not ended after {Limit}",
        EventName = "DrainIncomplete"
    )]
    public static partial void DrainIncomplete(ILogger logger, TimeSpan limit);
}
