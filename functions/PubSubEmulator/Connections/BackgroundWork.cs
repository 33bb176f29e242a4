using System.Collections.Concurrent;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Tasks that run unawaited: sessions and non-blocking events. Tracked, so that a shutdown can wait for them.</summary>
internal sealed class BackgroundWork
{
    private readonly ConcurrentDictionary<Task, byte> running = new();

    /// <summary>Tracks a task until it completes.</summary>
    public void Add(Task task)
    {
        running[task] = 0;
        _ = task.ContinueWith(
            done => running.TryRemove(done, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    /// <summary>Waits until no task runs, including tasks that start meanwhile.</summary>
    /// <exception cref="TimeoutException">Tasks were still running after <paramref name="limit"/>.</exception>
    public async Task DrainAsync(TimeSpan limit, TimeProvider time)
    {
        var until = time.GetTimestamp() + (long)(limit.TotalSeconds * time.TimestampFrequency);
        while (!running.IsEmpty)
        {
            var left = time.GetElapsedTime(time.GetTimestamp(), until);
            await Task.WhenAll(running.Keys).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        }
    }
}
