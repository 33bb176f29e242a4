using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ServerlessSync.Core.Limits;

/// <summary>A token bucket. It starts full, each use takes tokens, and it refills at a constant rate.</summary>
/// <param name="Capacity">Tokens of a full bucket, which is the largest burst: 1 or more.</param>
/// <param name="PerSecond">Tokens that are refilled per second: more than 0.</param>
public sealed record BucketRule(long Capacity, double PerSecond)
{
    /// <summary>A bucket that refills more slowly is a quota and not a rate.</summary>
    private static readonly TimeSpan FillTimeMax = TimeSpan.FromDays(30);

    /// <summary>The time in which an empty bucket fills.</summary>
    internal TimeSpan FillTime => TimeOf(Capacity);

    /// <summary>Whether the rule is valid: a capacity of at least one token, full again within 30 days.</summary>
    internal bool IsUsable =>
        Capacity >= 1 && double.IsFinite(PerSecond) && PerSecond > 0 && Capacity / PerSecond <= FillTimeMax.TotalSeconds;

    /// <summary>
    /// Reads <c>capacity,perSecond</c>, such as <c>200,20</c> or <c>10,0.1</c>. False when the text or the rule is
    /// invalid.
    /// </summary>
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

    /// <summary>The time in which a number of tokens is refilled.</summary>
    internal TimeSpan TimeOf(long tokens) => TimeSpan.FromSeconds(tokens / PerSecond);

    /// <summary>What is wrong with the rule, as a sentence that begins with its name; null when it is valid.</summary>
    internal string? Problem(string name) =>
        IsUsable ? null : $"{name} needs a capacity of at least 1 and a rate above 0 that fills it within {FillTimeMax.TotalDays:F0} days.";
}
