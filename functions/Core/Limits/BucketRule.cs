using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ServerlessSync.Core.Limits;

/// <summary>A token bucket: it is full at first, each use takes some tokens, and some come back every second until it is full again.</summary>
/// <param name="Capacity">Tokens that may be used at once after a pause: 1 or more.</param>
/// <param name="PerSecond">Tokens that come back in a second: more than 0.</param>
public sealed record BucketRule(long Capacity, double PerSecond)
{
    /// <summary>What takes longer than this to come back is no rate but a quota.</summary>
    private static readonly TimeSpan FillTimeMax = TimeSpan.FromDays(30);

    /// <summary>From empty to full.</summary>
    internal TimeSpan FillTime => TimeOf(Capacity);

    /// <summary>Whether it can be used: it has room for a token, and fills within 30 days.</summary>
    internal bool IsUsable =>
        Capacity >= 1 && double.IsFinite(PerSecond) && PerSecond > 0 && Capacity / PerSecond <= FillTimeMax.TotalSeconds;

    /// <summary>Reads <c>capacity,perSecond</c>, such as <c>200,20</c> or <c>10,0.1</c>. False when it is another text or cannot be used.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out BucketRule? rule)
    {
        if (
            text?.Split(',') is [var capacity, var perSecond]
            && long.TryParse(capacity, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens)
            && double.TryParse(perSecond, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
        )
        {
            rule = new BucketRule(tokens, rate);
            return rule.IsUsable;
        }

        rule = null;
        return false;
    }

    /// <summary>How long some tokens take to come back.</summary>
    internal TimeSpan TimeOf(long tokens) => TimeSpan.FromSeconds(tokens / PerSecond);

    /// <summary>What is wrong with it, one sentence that begins with its name; null when it can be used.</summary>
    internal string? Problem(string name) =>
        IsUsable ? null : $"{name} needs a capacity from 1 and a rate above 0, with which it fills within {FillTimeMax.TotalDays:F0} days.";
}
