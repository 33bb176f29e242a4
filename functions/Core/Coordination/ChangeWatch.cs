namespace ServerlessSync.Core.Coordination;

/// <summary>
/// How long a stored value has been unchanged, on the observer's own monotonic clock. Leases are judged by it, so that
/// wall clocks of two instances are never compared.
/// </summary>
internal sealed class ChangeWatch<T>(TimeProvider time)
    where T : struct, IEquatable<T>
{
    private T? observed;
    private long since;

    /// <summary>Whether a value was observed since the beginning or <see cref="Reset"/>.</summary>
    public bool HasObserved => observed is not null;

    /// <summary>Zero before the first observation.</summary>
    public TimeSpan UnchangedFor => observed is null ? TimeSpan.Zero : time.GetElapsedTime(since);

    /// <summary>Records a value that was read just now. True when it differs from the last one.</summary>
    public bool Observe(T value) => Observe(value, time.GetTimestamp());

    /// <summary>Records a value as of an earlier moment. True when it differs from the last one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="timestamp">
    /// For the caller's own write: when it began, so that a holder always considers its lease older than observers do.
    /// </param>
    public bool Observe(T value, long timestamp)
    {
        if (observed is { } last && last.Equals(value))
        {
            return false;
        }

        (observed, since) = (value, timestamp);
        return true;
    }

    /// <summary>Forgets the value; the next observation is the first again.</summary>
    public void Reset() => observed = null;
}
