using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Coordination;

/// <summary>Exponential back-off with full jitter: callers that collided once do not collide again.</summary>
/// <param name="first">Upper bound of the first pause, about one storage round trip; it doubles with each attempt.</param>
/// <param name="time">The clock.</param>
/// <param name="ids">The source of randomness.</param>
internal sealed class JitteredPause(TimeSpan first, TimeProvider time, IIdSource ids)
{
    /// <summary>Waits after the given failed attempt, which counts from 1.</summary>
    public Task WaitAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(first * Math.Pow(2, attempt - 1) * ids.NextDouble(), time, cancellationToken);
}
