namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>The lifetime of a client token in whole minutes, the unit of <c>:generateToken</c>.</summary>
public sealed record TokenLifetime
{
    /// <summary>The fewest minutes that <c>:generateToken</c> accepts.</summary>
    public const int MinutesMin = 1;

    /// <summary>
    /// The most minutes; the default of the service's SDKs. A URL is used at once, so a longer lifetime only helps a thief.
    /// </summary>
    public const int MinutesMax = 60;

    /// <summary>Five minutes: enough for slow pages to connect.</summary>
    public static readonly TokenLifetime Default = new(5);

    /// <summary>Creates a lifetime of <see cref="MinutesMin"/> to <see cref="MinutesMax"/> minutes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public TokenLifetime(int minutes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minutes, MinutesMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minutes, MinutesMax);
        Minutes = minutes;
    }

    /// <summary>The minutes.</summary>
    public int Minutes { get; }

    /// <summary>The same as a time span.</summary>
    public TimeSpan Span => TimeSpan.FromMinutes(Minutes);
}
