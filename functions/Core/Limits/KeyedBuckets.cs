namespace ServerlessSync.Core.Limits;

/// <summary>
/// The buckets of many holders in this process, found by name. Full ones are forgotten, so that there are as many as holders that were
/// busy lately; beyond <see cref="KeysMax"/> of them newcomers are let through, since each connection has buckets of its own besides.
/// </summary>
internal sealed class KeyedBuckets(BucketSet buckets, TimeProvider time)
{
    /// <summary>Holders that are remembered: some 2 MiB, and more people than one instance serves.</summary>
    public const int KeysMax = 10_000;

    private static readonly TimeSpan CleanEvery = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, long[]> held = new(StringComparer.Ordinal);
    private long cleanAt;

    /// <summary>How many holders are remembered.</summary>
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

    /// <summary>Takes the costs if they need not wait longer than <paramref name="patience"/>; the wait that is left for the holder to keep.</summary>
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

    /// <summary>How long the costs would have to wait now.</summary>
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
