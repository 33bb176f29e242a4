using System.Collections.Concurrent;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>What runs without anyone waiting for it: sessions and events that are not blocking. Known, so that a shutdown can wait.</summary>
internal sealed class BackgroundWork
{
    private readonly ConcurrentDictionary<Task, byte> running = new();

    /// <summary>Keeps a task until it is done.</summary>
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

    /// <summary>Waits until nothing runs, also of what is begun meanwhile.</summary>
    /// <exception cref="TimeoutException">That took longer than <paramref name="limit"/>.</exception>
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
