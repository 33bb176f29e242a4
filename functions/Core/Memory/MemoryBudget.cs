namespace ServerlessSync.Core.Memory;

/// <summary>
/// The memory that projects may take in this process: folded states, loads, imports and exports, snapshots being
/// written, waiting events. Thread-safe.
/// </summary>
/// <remarks>
/// Bytes are taken before they are allocated. Growth in place is stated afterwards (<see cref="MemoryAccount.Set"/>)
/// and can exceed the limit by the size of one commit; nothing new is admitted then.
/// </remarks>
public sealed class MemoryBudget
{
    /// <summary>
    /// The budget divided by this is the part for bodies of requests and responses in transit: slow clients hold them,
    /// and must not keep projects from being opened.
    /// </summary>
    private const int BodyShare = 4;

    /// <summary>
    /// How long a reservation waits for an eviction: an idle engine ends within a few round trips, one that is sending
    /// within the send's time limit of 2 s.
    /// </summary>
    private static readonly TimeSpan EvictionMax = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private Func<Eviction?>[] evictors = [];
    private long used;
    private long bodies;

    /// <summary>Creates a budget of <paramref name="limit"/> bytes.</summary>
    public MemoryBudget(long limit, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Limit = limit;
        this.time = time;
    }

    /// <summary>Bytes that may be taken in total.</summary>
    public long Limit { get; }

    /// <summary>Bytes that are taken now.</summary>
    public long Used
    {
        get
        {
            lock (gate)
            {
                return used;
            }
        }
    }

    /// <summary>The most bytes that were ever taken at the same time.</summary>
    public long Peak { get; private set; }

    /// <summary>Bytes that bodies in transit may take, a part of <see cref="Limit"/>.</summary>
    public long BodyLimit => Limit / BodyShare;

    /// <summary>
    /// Adds an evictor. It is called, outside the lock, when there is no room: it begins to free memory whose content
    /// can be loaded again, or returns null when there is none.
    /// </summary>
    internal void AddEvictor(Func<Eviction?> evictor)
    {
        lock (gate)
        {
            evictors = [.. evictors, evictor];
        }
    }

    /// <summary>Opens an empty account.</summary>
    public MemoryAccount Open() => new(this);

    /// <summary>Takes bytes for the body of a request or response. Null when bodies already hold too much.</summary>
    public MemoryAccount? TryOpenBody(long bytes)
    {
        lock (gate)
        {
            if (bodies + bytes > BodyLimit || used + bytes > Limit)
            {
                return null;
            }

            bodies += bytes;
            Take(bytes);
        }

        return new MemoryAccount(this, bytes);
    }

    internal bool TryTake(long bytes)
    {
        lock (gate)
        {
            if (used + bytes > Limit)
            {
                return false;
            }

            Take(bytes);
            return true;
        }
    }

    /// <summary>Takes bytes, evicting idle engines if necessary. False when there is still no room.</summary>
    internal async Task<bool> TakeAsync(long bytes)
    {
        while (!TryTake(bytes))
        {
            if (bytes > Limit || Evict() is not { Freed: var freed })
            {
                return false;
            }

            try
            {
                await freed.WaitAsync(EvictionMax, time);
            }
            catch (TimeoutException)
            {
                return TryTake(bytes);
            }
        }

        return true;
    }

    /// <summary>
    /// Accounts for memory that is allocated already, and begins an eviction when the limit is exceeded.
    /// </summary>
    internal void Adjust(long difference)
    {
        bool isOver;
        lock (gate)
        {
            Take(difference);
            isOver = difference > 0 && used > Limit;
        }

        if (isOver)
        {
            _ = Evict();
        }
    }

    internal void GiveBack(long bytes, long ofBodies)
    {
        lock (gate)
        {
            used -= bytes;
            bodies -= ofBodies;
        }
    }

    private Eviction? Evict() => Volatile.Read(ref evictors).Select(static evict => evict()).FirstOrDefault(static eviction => eviction is not null);

    private void Take(long bytes)
    {
        used += bytes;
        Peak = Math.Max(Peak, used);
    }
}

/// <summary>An eviction in progress.</summary>
/// <param name="Freed">Completes when the memory is free.</param>
internal sealed record Eviction(Task Freed);
