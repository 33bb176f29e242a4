using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Time.Testing;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>
/// Runs asynchronous work on one thread in virtual time: ready work runs first, then the clock advances. A test never waits
/// and is deterministic.
/// </summary>
internal sealed class VirtualRun : SynchronizationContext
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private readonly Queue<(SendOrPostCallback Callback, object? State)> ready = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public override void Post(SendOrPostCallback d, object? state) => ready.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <summary>Runs work to its end, however much virtual time it takes, and rethrows its exception.</summary>
    public void Run(Func<Task> work) => Run(work, TimeSpan.FromMinutes(30));

    /// <summary>Lets all running work continue for a virtual time.</summary>
    public void Pass(TimeSpan time) => Run(() => Task.Delay(time, Time));

    /// <summary>Starts work and runs what is ready, without advancing the clock.</summary>
    public Task Start(Func<Task> work)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            var task = work();
            Drain();
            return task;
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void Run(Func<Task> work, TimeSpan limit)
    {
        var deadline = Time.GetUtcNow() + limit;
        var task = Start(work);
        while (!task.IsCompleted)
        {
            Assert.True(Time.GetUtcNow() < deadline, "The work hangs.");
            Advance();
        }

        if (task.Exception is { } exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        Assert.False(task.IsCanceled, "The work was cancelled.");
    }

    private void Advance()
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            Time.Advance(Tick);
            Drain();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void Drain()
    {
        while (ready.TryDequeue(out var next))
        {
            next.Callback(next.State);
        }
    }
}
