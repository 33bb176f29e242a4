using Microsoft.Extensions.Logging;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// Logs the callers that are not let in: the first ones of a minute with the reason, the others as a number. Whoever knows the address can send without end, and
/// a log that is paid by the gigabyte, or closed for the day when it is full, is the only thing that costs something there.
/// </summary>
/// <remarks>
/// Callers are not shut out by their address: every Web PubSub resource of a region calls from the same ones, so a stranger's resource could shut out ours.
/// </remarks>
internal sealed class CallerRefusals(ILogger logger, TimeProvider time)
{
    /// <summary>Lines with a reason in a minute: enough to see what is wrong with a deployment, and at most 14,400 lines a day.</summary>
    public const int LoggedMax = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long begun;
    private int logged;
    private int passedOver;

    /// <summary>A caller was refused.</summary>
    public void Refused(string reason)
    {
        if (MayLog())
        {
            EventEndpointLog.CallerRefused(logger, reason);
        }
    }

    /// <summary>It could not be told whether to refuse a caller.</summary>
    public void NotJudged(string reason)
    {
        if (MayLog())
        {
            EventEndpointLog.CallerNotJudged(logger, reason);
        }
    }

    private bool MayLog()
    {
        var (mayLog, before) = Count();
        if (before > 0)
        {
            EventEndpointLog.CallersPassedOver(logger, before);
        }

        return mayLog;
    }

    /// <summary>Whether this one is logged, and how many of the last minute were not.</summary>
    private (bool MayLog, int Before) Count()
    {
        lock (gate)
        {
            var before = 0;
            if (logged == 0 || time.GetElapsedTime(begun) >= Window)
            {
                (begun, logged, before, passedOver) = (time.GetTimestamp(), 0, passedOver, 0);
            }

            if (logged == LoggedMax)
            {
                passedOver++;
                return (false, before);
            }

            logged++;
            return (true, before);
        }
    }
}
