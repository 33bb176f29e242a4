using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Queues changes for the loop. The only synchronisation point of presence.</summary>
internal sealed class PresenceMailbox(TimeProvider timeProvider)
{
    private readonly Lock gate = new();
    private readonly Queue<PresenceChange> waiting = new();
    private readonly List<TaskCompletionSource> closers = [];
    private readonly WakeSignal signal = new(timeProvider);
    private bool isRunning;
    private bool isStopping;

    public bool IsEmpty
    {
        get
        {
            lock (gate)
            {
                return waiting.Count == 0;
            }
        }
    }

    /// <summary>Whether the tracker is closing, so that no wait may begin.</summary>
    public bool IsStopping
    {
        get
        {
            lock (gate)
            {
                return isStopping;
            }
        }
    }

    /// <summary>Adds a change. True when no loop runs and the caller must start one.</summary>
    /// <exception cref="StorageException">Too many changes wait.</exception>
    public bool Post(PresenceChange change)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isStopping, typeof(PresenceTracker));
            if (waiting.Count >= PresenceLimits.PendingMax)
            {
                throw new StorageException(
                    $"More than {PresenceLimits.PendingMax} changes of presence wait to be stored.",
                    outcomeUnknown: false
                );
            }

            waiting.Enqueue(change);
            signal.Set();
            var mustStart = !isRunning;
            isRunning = true;
            return mustStart;
        }
    }

    /// <summary>
    /// Takes the changes of one transaction, in order. A second change of the same connection waits for the next
    /// transaction, in which a row may occur only once.
    /// </summary>
    public List<PresenceChange> Take(int max)
    {
        var batch = new List<PresenceChange>();
        var rowKeys = new HashSet<string>(StringComparer.Ordinal);
        lock (gate)
        {
            while (
                batch.Count < max
                && waiting.TryPeek(out var next)
                && (next.RowKey is null || rowKeys.Add(next.RowKey))
            )
            {
                batch.Add(waiting.Dequeue());
            }
        }

        return batch;
    }

    /// <summary>Waits for a change or until a time has passed. Returns at once while the tracker is closing.</summary>
    public async Task WaitAsync(TimeSpan time)
    {
        lock (gate)
        {
            if (waiting.Count > 0 || isStopping)
            {
                return;
            }
        }

        await signal.WaitAsync(time);
    }

    /// <summary>Ends the loop unless a change has arrived. False when the loop must continue.</summary>
    public bool TryFinish()
    {
        lock (gate)
        {
            isRunning = waiting.Count > 0;
            if (!isRunning)
            {
                closers.ForEach(closer => closer.TrySetResult());
                closers.Clear();
            }

            return !isRunning;
        }
    }

    /// <summary>Accepts no more changes, cancels every wait, and returns when the loop has ended.</summary>
    public async Task StopAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            isStopping = true;
            if (!isRunning)
            {
                return;
            }

            closers.Add(ended);
            signal.Set();
        }

        await ended.Task;
    }
}
