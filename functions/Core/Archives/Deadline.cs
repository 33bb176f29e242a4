namespace ServerlessSync.Core.Archives;

/// <summary>The working time of a request. A step in progress at its end is finished; no further one begins.</summary>
internal sealed class Deadline(TimeProvider time, TimeSpan duration)
{
    private readonly long started = time.GetTimestamp();

    public bool IsOver => time.GetElapsedTime(started) >= duration;
}
