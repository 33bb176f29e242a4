using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Changes that wait for the loop. The one place of presence where threads meet.</summary>
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

    /// <summary>Whether nothing may be waited for any longer.</summary>
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

    /// <summary>Puts a change in. True when no loop runs: the caller starts one.</summary>
    /// <exception cref="StorageException">Too many are waiting.</exception>
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
    /// Takes what one transaction can hold, in order. A second change of one connection waits for the next, since a row
    /// occurs once in a transaction.
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

    /// <summary>Waits for a change or for a time, whichever is first. Returns at once while the tracker is being closed.</summary>
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

    /// <summary>Ends the loop unless something came in. False: go on.</summary>
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

    /// <summary>Takes no more changes, cuts every wait short, and returns when the loop has ended.</summary>
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
