using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Memory;

namespace ServerlessSync.Core.Engine;

/// <summary>The bounded queue in front of a project's loop. Any thread may post; one loop takes.</summary>
internal sealed class Mailbox(int capacity, int bytesMax, MemoryBudget budget, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<ProjectRequest> items = new();
    private readonly WakeSignal signal = new(time);
    private long held;
    private bool closed;

    public bool IsEmpty
    {
        get
        {
            lock (gate)
            {
                return items.Count == 0;
            }
        }
    }

    /// <summary>How many requests wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return items.Count;
            }
        }
    }

    /// <summary>Whether nothing more is taken in: the engine is to end.</summary>
    public bool IsClosed
    {
        get
        {
            lock (gate)
            {
                return closed;
            }
        }
    }

    public PostResult Post(ProjectRequest item)
    {
        lock (gate)
        {
            if (closed)
            {
                return PostResult.Closed;
            }

            if (items.Count >= capacity || held + item.HeldBytes > bytesMax)
            {
                return PostResult.Full;
            }

            held += item.HeldBytes;
            items.Enqueue(item);
        }

        // Not under the lock: to make room may look into this mailbox.
        budget.Adjust(item.HeldBytes);
        signal.Set();
        return PostResult.Posted;
    }

    /// <summary>Wakes the loop without an item.</summary>
    public void Wake() => signal.Set();

    /// <summary>Waits until an item is there, the loop is woken, or the time is over.</summary>
    public Task WaitAsync(TimeSpan timeout) => IsEmpty ? signal.WaitAsync(timeout) : Task.CompletedTask;

    /// <summary>Waits until so many items are there, the mailbox is closed, or the time is over.</summary>
    public async Task GatherAsync(int count, TimeSpan timeout)
    {
        // One timer for all waits: timers count whole milliseconds, so waits for what is left of one would spin.
        var isOver = false;
        await using var timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref isOver, true);
                signal.Set();
            },
            state: null,
            timeout,
            Timeout.InfiniteTimeSpan
        );
        while (Count < count && !IsClosed && !Volatile.Read(ref isOver))
        {
            await signal.WaitAsync(timeout);
        }
    }

    /// <summary>Takes what waits, in order, as long as the submissions in it fit the budget; at least one item.</summary>
    public List<ProjectRequest> Take(int entriesMax, int bytesMax)
    {
        var taken = new List<ProjectRequest>();
        var (entries, bytes) = (0, 0);
        lock (gate)
        {
            while (items.TryPeek(out var item))
            {
                var size = item is SubmitItem submit ? submit.Size : (Entries: 0, Bytes: 0);
                if (taken.Count > 0 && (entries + size.Entries > entriesMax || bytes + size.Bytes > bytesMax))
                {
                    break;
                }

                entries += size.Entries;
                bytes += size.Bytes;
                taken.Add(items.Dequeue());
            }

            held -= taken.Sum(static item => (long)item.HeldBytes);
        }

        budget.Adjust(-taken.Sum(static item => (long)item.HeldBytes));
        return taken;
    }

    /// <summary>Refuses further items. False, and still open, when something waits and <paramref name="onlyIfEmpty"/>.</summary>
    public bool Close(bool onlyIfEmpty)
    {
        lock (gate)
        {
            if (onlyIfEmpty && items.Count > 0)
            {
                return false;
            }

            closed = true;
        }

        Wake();
        return true;
    }

}

/// <summary>What became of posting an item.</summary>
internal enum PostResult
{
    /// <summary>It will be answered.</summary>
    Posted,

    /// <summary>The queue is at its bound.</summary>
    Full,

    /// <summary>The loop has ended; another engine must be started.</summary>
    Closed,
}
