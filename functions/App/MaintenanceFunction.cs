using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Composition;

namespace ServerlessSync.App;

/// <summary>Runs maintenance on a timer: publishes what failed instances left unpublished and removes what has expired.</summary>
public sealed class MaintenanceFunction(Maintenance maintenance)
{
    /// <summary>Runs every minute, on one instance: the host holds a lease for its timers.</summary>
    [Function("upkeep")]
    public Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        return maintenance.RunAsync(cancellationToken);
    }
}
