namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>
/// How long a client token can be used to connect: whole minutes, because <c>:generateToken</c> counts in minutes.
/// </summary>
public sealed record TokenLifetime
{
    /// <summary>Fewest minutes; the least that <c>:generateToken</c> takes.</summary>
    public const int MinutesMin = 1;

    /// <summary>
    /// Most minutes; the default of the service's SDKs. A URL is used at once, so longer only helps thieves.
    /// </summary>
    public const int MinutesMax = 60;

    /// <summary>Five minutes: time for slow pages to connect, and no more.</summary>
    public static readonly TokenLifetime Default = new(5);

    /// <summary>Takes minutes from <see cref="MinutesMin"/> to <see cref="MinutesMax"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Others.</exception>
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
