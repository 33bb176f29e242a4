using System.Runtime.InteropServices;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// The arithmetic of several token buckets of one holder, without a clock of its own. The state of a bucket is one time, when it will be full
/// again: a bucket that was never used has 0, and what is full is in the past, so that holders who pause have nothing to keep.
/// </summary>
internal sealed class BucketSet(params BucketRule[] rules)
{
    /// <summary>
    /// Buckets that a holder can owe. Clocks of instances differ, and a state may be from another release with other rules: neither locks
    /// anybody out for longer than this takes to come back.
    /// </summary>
    private const int DebtMax = 2;

    public int Count => rules.Length;

    /// <summary>How long the costs must wait, and for which bucket; zero when they can be taken now.</summary>
    /// <param name="fullAt">When each bucket will be full, in UTC ticks.</param>
    /// <param name="costs">Tokens of each bucket. What costs more than a bucket holds waits for a full one.</param>
    /// <param name="now">UTC ticks.</param>
    public BucketWait WaitFor(ReadOnlySpan<long> fullAt, ReadOnlySpan<long> costs, long now)
    {
        var longest = default(BucketWait);
        for (var index = 0; index < rules.Length; index++)
        {
            if (costs[index] == 0)
            {
                continue;
            }

            var rule = rules[index];
            var allowed = rule.FillTime - rule.TimeOf(Math.Min(costs[index], rule.Capacity));
            var wait = TimeSpan.FromTicks(Held(rule, fullAt[index], now) - now) - allowed;
            if (wait > longest.Time)
            {
                longest = new BucketWait(wait, index);
            }
        }

        return longest;
    }

    /// <summary>Takes the costs, into debt if need be.</summary>
    public void Take(Span<long> fullAt, ReadOnlySpan<long> costs, long now)
    {
        for (var index = 0; index < rules.Length; index++)
        {
            if (costs[index] > 0)
            {
                var tokens = Math.Min(costs[index], DebtMax * rules[index].Capacity);
                fullAt[index] = Held(rules[index], fullAt[index], now) + rules[index].TimeOf(tokens).Ticks;
            }
        }
    }

    /// <summary>Whether every bucket is full, so that there is nothing to remember.</summary>
    public static bool AreFull(ReadOnlySpan<long> fullAt, long now)
    {
        foreach (var time in fullAt)
        {
            if (time > now)
            {
                return false;
            }
        }

        return true;
    }

    private static long Held(BucketRule rule, long fullAt, long now) => Math.Clamp(fullAt, now, now + (DebtMax * rule.FillTime.Ticks));
}

/// <summary>What a cost waits for.</summary>
/// <param name="Time">How long; zero for not at all.</param>
/// <param name="Bucket">The bucket that takes longest.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BucketWait(TimeSpan Time, int Bucket);
