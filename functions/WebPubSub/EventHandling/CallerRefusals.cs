using Microsoft.Extensions.Logging;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// Logs refused callers: the first ones of a minute with the reason, the others as a number. Any caller that knows the address
/// can send without limit, and logs are billed by the gigabyte or capped for the day.
/// </summary>
/// <remarks>
/// Callers are not blocked by address: all Web PubSub resources of a region share addresses, so a foreign resource could get ours
/// blocked.
/// </remarks>
internal sealed class CallerRefusals(ILogger logger, TimeProvider time)
{
    /// <summary>Lines with a reason per minute: enough to diagnose a deployment, and at most 14,400 lines a day.</summary>
    public const int LoggedMax = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long begun;
    private int logged;
    private int skipped;

    /// <summary>A caller was refused.</summary>
    public void Refused(string reason)
    {
        if (MayLog())
        {
            EventEndpointLog.CallerRefused(logger, reason);
        }
    }

    /// <summary>A caller could not be authenticated now.</summary>
    public void NotAuthenticated(string reason)
    {
        if (MayLog())
        {
            EventEndpointLog.CallerNotAuthenticated(logger, reason);
        }
    }

    private bool MayLog()
    {
        var (mayLog, before) = Count();
        if (before > 0)
        {
            EventEndpointLog.CallersSkipped(logger, before);
        }

        return mayLog;
    }

    /// <summary>Whether this one is logged, and how many of the last minute were not logged.</summary>
    private (bool MayLog, int Before) Count()
    {
        lock (gate)
        {
            var before = 0;
            if (logged == 0 || time.GetElapsedTime(begun) >= Window)
            {
                (begun, logged, before, skipped) = (time.GetTimestamp(), 0, skipped, 0);
            }

            if (logged == LoggedMax)
            {
                skipped++;
                return (false, before);
            }

            logged++;
            return (true, before);
        }
    }
}
