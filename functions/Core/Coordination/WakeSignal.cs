namespace ServerlessSync.Core.Coordination;

/// <summary>Wakes one waiting loop. A signal that comes before the wait is kept, so none is lost between a look and the wait.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Lock gate = new();
    private TaskCompletionSource arrival = NewArrival();

    /// <summary>Ends the current wait, or the next one.</summary>
    public void Set()
    {
        lock (gate)
        {
            arrival.TrySetResult();
        }
    }

    /// <summary>Returns at the signal or after <paramref name="timeout"/>, whichever is first, and consumes the signal.</summary>
    /// <param name="timeout">Zero or less: returns at once.</param>
    public async Task WaitAsync(TimeSpan timeout)
    {
        TaskCompletionSource current;
        lock (gate)
        {
            current = arrival;
        }

        if (timeout > TimeSpan.Zero && !current.Task.IsCompleted)
        {
            await using var timer = time.CreateTimer(
                static state => ((TaskCompletionSource)state!).TrySetResult(),
                current,
                timeout,
                Timeout.InfiniteTimeSpan
            );
            await current.Task;
        }

        lock (gate)
        {
            if (arrival.Task.IsCompleted)
            {
                arrival = NewArrival();
            }
        }
    }

    private static TaskCompletionSource NewArrival() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
