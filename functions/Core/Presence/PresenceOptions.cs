namespace ServerlessSync.Core.Presence;

/// <summary>Times of presence. The defaults are for production; each must be positive.</summary>
public sealed record PresenceOptions
{
    /// <summary>Shortest time between two lists of one scope and process. Half a second is not felt, and makes a rush a few lists. Default 500 ms.</summary>
    public TimeSpan ListInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a lease may stand unchanged before an observer takes it over. More than twice the 2 s after which a send is
    /// given up, so that a holder's send is over before its successor's begins. Default 5 s.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two looks at a lease that somebody else holds. Default 1 s.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Age below which reconciliation removes nobody. Ages compare wall clocks of two instances, so it is well above any
    /// skew between them. Default 2 min.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Shortest time between two misses that count as two: reconciliations that overlap see one and the same gap of the listing. Default 10 s.</summary>
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
            // The holder waits for the next list with the lease in hand.
            throw new ArgumentOutOfRangeException(
                name,
                ListInterval,
                $"{nameof(ListInterval)} must be less than half of {nameof(LeaseTime)}."
            );
        }
    }
}
