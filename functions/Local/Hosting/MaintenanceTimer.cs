using ServerlessSync.Composition;

namespace ServerlessSync.Local.Hosting;

/// <summary>Runs <see cref="Maintenance"/> at the start and then at intervals; in Azure a timer function does.</summary>
internal sealed class MaintenanceTimer : IAsyncDisposable
{
    /// <summary>Half of what the timer function takes: a developer who kills a process looks at the screen meanwhile.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public MaintenanceTimer(Maintenance maintenance, TimeProvider time) => running = RunAsync(maintenance, time);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync(Maintenance maintenance, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            // First what the process before this one left, in case it was killed.
            do
            {
                await maintenance.RunAsync(stop.Token);
            } while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
