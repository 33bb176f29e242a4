namespace ServerlessSync.Core.Engine;

/// <summary>Pauses between tries at a store that fails: longer from try to try, and different for each engine.</summary>
internal sealed class BackOff(EngineDependencies services, SequencerOptions options)
{
    /// <summary>A store that refuses for its load has recovered after a second or two, and people wait meanwhile.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private int failures;
    private long notBefore;

    /// <summary>The last try failed.</summary>
    public void Postpone()
    {
        var ceiling = Math.Min(PauseMax.TotalSeconds, options.CommitBackOff.TotalSeconds * Math.Pow(4, ++failures));
        var pause = ceiling * (0.5 + (0.5 * services.Ids.NextDouble()));
        notBefore = services.Time.GetTimestamp() + (long)(pause * services.Time.TimestampFrequency);
    }

    /// <summary>A try succeeded.</summary>
    public void Forget() => (failures, notBefore) = (0, 0);

    /// <summary>Waits until the next try may be made.</summary>
    public Task WaitAsync()
    {
        var now = services.Time.GetTimestamp();
        return failures == 0 || notBefore <= now
            ? Task.CompletedTask
            : Task.Delay(services.Time.GetElapsedTime(now, notBefore), services.Time);
    }
}
