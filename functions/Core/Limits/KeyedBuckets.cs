namespace ServerlessSync.Core.Limits;

/// <summary>
/// The buckets of many holders in this process, by name. Full buckets are dropped, so only recently busy holders take
/// memory. Beyond <see cref="KeysMax"/> holders, new ones are not limited here: each connection has buckets of its own.
/// </summary>
internal sealed class KeyedBuckets(BucketSet buckets, TimeProvider time)
{
    /// <summary>Holders that are remembered: about 2 MiB, and more users than one instance serves.</summary>
    public const int KeysMax = 10_000;

    private static readonly TimeSpan CleanEvery = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, long[]> held = new(StringComparer.Ordinal);
    private long cleanAt;

    /// <summary>The number of holders that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return held.Count;
            }
        }
    }

    /// <summary>
    /// Takes the costs unless their wait exceeds <paramref name="patience"/>. Returns the wait, which the holder has to
    /// observe.
    /// </summary>
    public BucketWait TryTake(string key, ReadOnlySpan<long> costs, TimeSpan patience)
    {
        var now = time.GetUtcNow().Ticks;
        lock (gate)
        {
            if (Find(key, now) is not { } fullAt)
            {
                return default;
            }

            var wait = buckets.WaitFor(fullAt, costs, now);
            if (wait.Time <= patience)
            {
                buckets.Take(fullAt, costs, now);
            }

            return wait;
        }
    }

    /// <summary>How long the costs would have to wait now; takes nothing.</summary>
    public BucketWait WaitFor(string key, ReadOnlySpan<long> costs)
    {
        lock (gate)
        {
            return held.TryGetValue(key, out var fullAt) ? buckets.WaitFor(fullAt, costs, time.GetUtcNow().Ticks) : default;
        }
    }

    private long[]? Find(string key, long now)
    {
        if (held.TryGetValue(key, out var known))
        {
            return known;
        }

        if (held.Count >= KeysMax && !TryClean(now))
        {
            return null;
        }

        return held[key] = new long[buckets.Count];
    }

    private bool TryClean(long now)
    {
        if (now < cleanAt)
        {
            return false;
        }

        cleanAt = now + CleanEvery.Ticks;
        foreach (var (key, fullAt) in held)
        {
            if (BucketSet.AreFull(fullAt, now))
            {
                held.Remove(key);
            }
        }

        return held.Count < KeysMax;
    }
}
