using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Coordination;

/// <summary>The pauses of a policy between the attempts of one call.</summary>
internal sealed class RetryPauses(RetryPolicy policy, TimeProvider time, IIdSource ids)
{
    /// <summary>Waits after a failed attempt, which counts from 1.</summary>
    public Task WaitAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(policy.PauseAfter(attempt, ids), time, cancellationToken);
}
