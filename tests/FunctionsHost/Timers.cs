namespace ServerlessSync.FunctionsHost;

/// <summary>Runs functions on their schedules. A function never runs concurrently with itself.</summary>
internal sealed class Timers : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task[] running;

    /// <param name="functions">The functions of the app; those without a schedule are ignored.</param>
    /// <param name="run">Runs a function; has already reported any exception that it throws.</param>
    /// <param name="time">The clock.</param>
    public Timers(IEnumerable<Function> functions, Func<Function, CancellationToken, Task> run, TimeProvider time) =>
        running =
        [
            .. functions
                .Where(static function => function.Schedule is not null)
                .Select(function => RunAsync(function, TimerSchedule.Parse(function.Schedule!), run, time)),
        ];

    /// <summary>Starts no further runs, and cancels those in progress.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private async Task RunAsync(Function function, TimerSchedule schedule, Func<Function, CancellationToken, Task> run, TimeProvider time)
    {
        try
        {
            while (true)
            {
                var now = time.GetUtcNow();
                await Task.Delay(schedule.Next(now) - now, time, stop.Token);
                await run(function, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
