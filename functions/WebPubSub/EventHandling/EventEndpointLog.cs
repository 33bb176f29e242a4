using Microsoft.Extensions.Logging;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>What the event handler tells operators. Ids 2001 to 2099; never reused.</summary>
internal static partial class EventEndpointLog
{
    [LoggerMessage(2001, LogLevel.Information, "Abuse-protection handshake from {Origin}: granted {Granted}.")]
    public static partial void Handshake(ILogger logger, string origin, bool granted);

    [LoggerMessage(2002, LogLevel.Warning, "A caller of the event handler was refused: {Reason}.")]
    public static partial void CallerRefused(ILogger logger, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "A caller of the event handler cannot be judged now: {Reason}.")]
    public static partial void CallerNotJudged(ILogger logger, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "A request is no event for us ({Status}): {Problem}")]
    public static partial void NoEvent(ILogger logger, int status, string problem);

    [LoggerMessage(2005, LogLevel.Information, "{Kind} of connection {Connection} was refused: {Reason}")]
    public static partial void EventRefused(ILogger logger, EventKind kind, string connection, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "{Kind} {EventId} of connection {Connection} is to come again: {Reason}")]
    public static partial void EventPutOff(
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

    [LoggerMessage(2009, LogLevel.Warning, "Before this, {Count} further callers of the event handler were not let in.")]
    public static partial void CallersPassedOver(ILogger logger, int count);

    [LoggerMessage(2008, LogLevel.Error, "A request to the event handler failed before it was an event.")]
    public static partial void RequestFailed(ILogger logger, Exception exception);
}
