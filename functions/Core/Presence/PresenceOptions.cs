namespace ServerlessSync.Core.Presence;

/// <summary>Timing of presence. The defaults are for production; each must be positive.</summary>
public sealed record PresenceOptions
{
    /// <summary>
    /// Minimum time between two lists of one scope and instance. Half a second is not noticeable, and reduces a rush to
    /// a few lists. Default 500 ms.
    /// </summary>
    public TimeSpan ListInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a lease may stay unchanged before an observer takes it over. More than twice the 2 s time limit of a
    /// send, so that a holder's send ends before its successor's begins. Default 5 s.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Interval at which the lease of another instance is checked. Default 1 s.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Minimum age at which reconciliation removes a connection. Ages compare the wall clocks of two instances, so it
    /// is well above their skew. Default 2 min.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Minimum time between two misses: overlapping reconciliations see the same gap of a listing. Default 10 s.
    /// </summary>
    public TimeSpan MissInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> when a time is not positive or the list interval is too long for the lease.</summary>
    internal void Check(string name)
    {
        foreach (var time in (TimeSpan[])[ListInterval, LeaseTime, WatchInterval, Grace, MissInterval])
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, name);
        }

        if (ListInterval >= LeaseTime / 2)
        {
            // The holder keeps the lease while it waits for the next list.
            throw new ArgumentOutOfRangeException(
                name,
                ListInterval,
                $"{nameof(ListInterval)} must be less than half of {nameof(LeaseTime)}."
            );
        }
    }
}
