namespace ServerlessSync.Core.Archives;

/// <summary>How long one request may work. What is under way when it is over is finished; nothing more is begun.</summary>
internal sealed class Deadline(TimeProvider time, TimeSpan duration)
{
    private readonly long started = time.GetTimestamp();

    public bool IsOver => time.GetElapsedTime(started) >= duration;
}
