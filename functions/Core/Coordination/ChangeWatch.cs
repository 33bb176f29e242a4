namespace ServerlessSync.Core.Coordination;

/// <summary>
/// How long a stored value has not changed, on the observer's own monotonic clock. This is how a lease is judged: wall clocks of two
/// instances are never compared.
/// </summary>
internal sealed class ChangeWatch<T>(TimeProvider time)
    where T : struct, IEquatable<T>
{
    private T? observed;
    private long since;

    /// <summary>Zero before the first observation.</summary>
    public TimeSpan UnchangedFor => observed is null ? TimeSpan.Zero : time.GetElapsedTime(since);

    /// <summary>Records what was read now.</summary>
    public bool Observe(T value) => Observe(value, time.GetTimestamp());

    /// <summary>Records a value as it was at an earlier moment. True when it differs from the last one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="timestamp">For the own write: when it began, so that a holder always takes its lease for older than an observer does.</param>
    public bool Observe(T value, long timestamp)
    {
        if (observed is { } last && last.Equals(value))
        {
            return false;
        }

        (observed, since) = (value, timestamp);
        return true;
    }

    /// <summary>Begins anew with the next observation.</summary>
    public void Reset() => observed = null;
}
