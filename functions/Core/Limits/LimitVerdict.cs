using System.Globalization;

namespace ServerlessSync.Core.Limits;

/// <summary>Whether a limit admits a request now.</summary>
public abstract record LimitVerdict
{
    private LimitVerdict() { }

    /// <summary>The request is admitted.</summary>
    public static LimitVerdict Admitted { get; } = new Yes();

    /// <summary>The request is refused.</summary>
    /// <param name="Reason">Names the limit and when to try again.</param>
    /// <param name="RetryAfter">Seconds until the next attempt; null when waiting does not help.</param>
    public sealed record Refused(string Reason, int? RetryAfter) : LimitVerdict;

    private sealed record Yes : LimitVerdict;

    internal static Refused Wait(LimitKind kind, TimeSpan wait)
    {
        var seconds = SecondsOf(wait);
        return new Refused($"{TextOf(kind)}; try again in {seconds.ToString(CultureInfo.InvariantCulture)} s", seconds);
    }

    internal static string TextOf(LimitKind kind) =>
        kind switch
        {
            LimitKind.Messages => "Too many messages",
            LimitKind.Bytes => "Too many bytes in messages",
            LimitKind.Loads => "Too many loads",
            LimitKind.Resets => "Too many resets",
            LimitKind.Calls => "Too many requests",
            LimitKind.Exports => "Too many datasets",
            LimitKind.Writes => "Too many changes",
            LimitKind.Creations => "Too many new projects",
            LimitKind.Imports => "Too many bytes in imports",
            LimitKind.SignIns => "Too many rejected tokens",
            _ => "Too much",
        };

    // Round up: a retry that comes a little early is refused again.
    private static int SecondsOf(TimeSpan wait) => Math.Max(1, (int)Math.Min(int.MaxValue, Math.Ceiling(wait.TotalSeconds)));
}
