using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Coordination;

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
