using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Composition;

namespace ServerlessSync.App;

/// <summary>The timer: takes over from instances that died, and removes what has had its time.</summary>
public sealed class MaintenanceFunction(Maintenance maintenance)
{
    /// <summary>Every minute, on one instance: the host holds a lease for its timers.</summary>
    [Function("upkeep")]
    public Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        return maintenance.RunAsync(cancellationToken);
    }
}
