using Microsoft.Extensions.Logging;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>The log of the event handler. Ids 2001 to 2099, never reused.</summary>
internal static partial class EventEndpointLog
{
    [LoggerMessage(2001, LogLevel.Information, "Abuse-protection handshake from {Origin}: granted {Granted}.")]
    public static partial void Handshake(ILogger logger, string origin, bool granted);

    [LoggerMessage(2002, LogLevel.Warning, "A caller of the event handler was refused: {Reason}.")]
    public static partial void CallerRefused(ILogger logger, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "A caller of the event handler cannot be authenticated now: {Reason}.")]
    public static partial void CallerNotAuthenticated(ILogger logger, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "A request is not a valid event ({Status}): {Problem}")]
    public static partial void InvalidEvent(ILogger logger, int status, string problem);

    [LoggerMessage(2005, LogLevel.Information, "{Kind} of connection {Connection} was refused: {Reason}")]
    public static partial void EventRefused(ILogger logger, EventKind kind, string connection, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "{Kind} {EventId} of connection {Connection} has to be retried: {Reason}")]
    public static partial void EventPostponed(
        ILogger logger,
        EventKind kind,
        long eventId,
        string connection,
        string reason
    );

    [LoggerMessage(2007, LogLevel.Error, "{Kind} {EventId} of connection {Connection} failed.")]
    public static partial void EventFailed(
        ILogger logger,
        EventKind kind,
        long eventId,
        string connection,
        Exception exception
    );

    [LoggerMessage(2009, LogLevel.Warning, "Before this, {Count} further callers of the event handler were refused or not authenticated.")]
    public static partial void CallersSkipped(ILogger logger, int count);

    [LoggerMessage(2008, LogLevel.Error, "A request to the event handler failed before its event was read.")]
    public static partial void RequestFailed(ILogger logger, Exception exception);
}
