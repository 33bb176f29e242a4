using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <summary>How long to pause after failures: longer from one to the next, up to a limit.</summary>
/// <param name="First">The longest pause after the first failure.</param>
/// <param name="Max">The longest pause of all.</param>
/// <param name="Factor">By what the pause grows with each failure.</param>
/// <param name="Jitter">The share of the pause that is random, so that the losers of one race do not meet again in the next.</param>
internal sealed record RetryPolicy(TimeSpan First, TimeSpan Max, double Factor = 2, double Jitter = 0)
{
    /// <summary>The pause after a number of failures in a row.</summary>
    public TimeSpan PauseAfter(int failures, IIdSource ids)
    {
        var longest = Math.Min(Max.TotalSeconds, First.TotalSeconds * Math.Pow(Factor, failures - 1));
        return TimeSpan.FromSeconds(Jitter == 0 ? longest : longest * (1 - (Jitter * (1 - ids.NextDouble()))));
    }
}

/// <summary>When something that failed may be tried again.</summary>
internal sealed class Backoff(RetryPolicy policy, TimeProvider time, IIdSource ids)
{
    private int failures;
    private long? notBefore;

    /// <summary>Whether the next try has to wait, or had to until a moment ago.</summary>
    public bool IsPostponed => notBefore is not null;

    /// <summary>How long until the next try.</summary>
    public TimeSpan Remaining => notBefore is { } due ? time.Until(due) : TimeSpan.Zero;

    /// <summary>A try failed.</summary>
    /// <param name="pause">The pause; by default the next one of the policy.</param>
    public void Postpone(TimeSpan? pause = null) => notBefore = time.TimestampIn(pause ?? policy.PauseAfter(++failures, ids));

    /// <summary>The next try may be made at once; should it fail, its pause is the next one of the policy.</summary>
    public void TryNow() => notBefore = null;

    /// <summary>A try succeeded.</summary>
    public void Reset() => (failures, notBefore) = (0, null);

    /// <summary>Waits until the next try.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) =>
        Remaining is var pause && pause > TimeSpan.Zero ? Task.Delay(pause, time, cancellationToken) : Task.CompletedTask;
}
