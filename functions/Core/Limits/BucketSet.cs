using System.Runtime.InteropServices;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// The arithmetic of several token buckets of one holder, without a clock of its own. The state of a bucket is the time
/// at which it will be full again: 0 for one that was never used, and in the past for a full one, so that idle holders
/// need no state.
/// </summary>
internal sealed class BucketSet(params BucketRule[] rules)
{
    /// <summary>
    /// The largest debt, in bucket capacities. Clocks of instances differ, and a state may come from a release with
    /// other rules: neither locks a holder out for longer than this debt takes to refill.
    /// </summary>
    private const int DebtMax = 2;

    public int Count => rules.Length;

    /// <summary>
    /// How long the costs have to wait, and for which bucket; zero when the tokens are available now.
    /// </summary>
    /// <param name="fullAt">When each bucket will be full, in UTC ticks.</param>
    /// <param name="costs">Tokens to take from each bucket. A cost above the capacity waits for a full bucket.</param>
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

    /// <summary>Takes the costs, going into debt where tokens are missing.</summary>
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

    /// <summary>Whether every bucket is full, so that no state is needed.</summary>
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

/// <summary>The wait that a cost needs.</summary>
/// <param name="Time">How long; zero for no wait.</param>
/// <param name="Bucket">The bucket that needs the longest wait.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BucketWait(TimeSpan Time, int Bucket);
