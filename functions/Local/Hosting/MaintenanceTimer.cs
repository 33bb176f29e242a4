using ServerlessSync.Composition;

namespace ServerlessSync.Local.Hosting;

/// <summary>Runs <see cref="Maintenance"/> at the start and then periodically, as a timer function does in Azure.</summary>
internal sealed class MaintenanceTimer : IAsyncDisposable
{
    /// <summary>Half the interval of the timer function: a developer who kills a process watches for the recovery.</summary>
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
            // The first round runs at once, in case the previous process was killed.
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
