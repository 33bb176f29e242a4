namespace ServerlessSync.Core.Coordination;

/// <summary>Time stamps of the monotonic clock as due times.</summary>
internal static class Clock
{
    /// <summary>The time stamp a while from now; now for a negative time.</summary>
    public static long TimestampIn(this TimeProvider time, TimeSpan delay) =>
        time.GetTimestamp() + (long)(Math.Max(0, delay.TotalSeconds) * time.TimestampFrequency);

    /// <summary>How long until a time stamp; zero when it has passed.</summary>
    public static TimeSpan Until(this TimeProvider time, long timestamp)
    {
        var now = time.GetTimestamp();
        return timestamp <= now ? TimeSpan.Zero : time.GetElapsedTime(now, timestamp);
    }

    public static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    public static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
