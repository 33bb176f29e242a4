namespace ServerlessSync.Core.Memory;

/// <summary>
/// Bytes that projects may take in this process, whichever door they come in by: folded states, what is being loaded, files that are
/// imported or exported, snapshots that are being written, events that wait. Any thread may use it.
/// </summary>
/// <remarks>
/// Bytes are taken before they are allocated, from the first one on. What has grown in place is stated afterwards
/// (<see cref="MemoryAccount.Set"/>), and can pass the limit by what one commit adds; nothing new is let in then.
/// </remarks>
public sealed class MemoryBudget
{
    /// <summary>
    /// The share of the budget for bodies of requests and answers on their way: slow clients hold them, and must not keep projects from
    /// being opened.
    /// </summary>
    private const int BodyShare = 4;

    /// <summary>
    /// How long a reservation waits for what it evicts: an idle engine ends within a few round trips, one in the middle of a send after
    /// the send's time limit of 2 s.
    /// </summary>
    private static readonly TimeSpan EvictionMax = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private Func<Eviction?>[] evictors = [];
    private long used;
    private long bodies;

    /// <summary>Makes a budget of so many bytes.</summary>
    public MemoryBudget(long limit, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Limit = limit;
        this.time = time;
    }

    /// <summary>Bytes that may be taken.</summary>
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

    /// <summary>The most that was ever taken at the same time.</summary>
    public long Peak { get; private set; }

    /// <summary>Bytes that bodies on their way may take, a part of <see cref="Limit"/>.</summary>
    public long BodyLimit => Limit / BodyShare;

    /// <summary>
    /// Adds something that holds what can be loaded again. Called without a lock when bytes are wanted that are not there: begins to free
    /// some, or gives null when nothing can be freed.
    /// </summary>
    internal void AddEvictor(Func<Eviction?> evictor)
    {
        lock (gate)
        {
            evictors = [.. evictors, evictor];
        }
    }

    /// <summary>An account without a byte.</summary>
    public MemoryAccount Open() => new(this);

    /// <summary>Takes bytes for the body of a request or an answer; null when bodies hold too much already.</summary>
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

    /// <summary>Takes bytes, evicting idle engines where that is needed. False when there is no room all the same.</summary>
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

    /// <summary>Notes what is there already, and begins to free something when that is too much.</summary>
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

/// <summary>Something goes to make room.</summary>
/// <param name="Freed">Ends when its memory is free.</param>
internal sealed record Eviction(Task Freed);
