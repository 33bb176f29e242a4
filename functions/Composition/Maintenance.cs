using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Composition;

/// <summary>
/// Periodic work: publishes revisions that a failed instance left unpublished, removes users whose connections ended
/// without an event, deletes history beyond its retention, expired archives and expired usage counts, and archives
/// projects where that is configured.
/// </summary>
public sealed partial class Maintenance(
    Sweeper sweeper,
    PresenceTracker presence,
    Compactor compactor,
    ArchiveAdministration archives,
    ApiLimiter limiter,
    ILogger<Maintenance> logger,
    ScheduledArchives? scheduled = null
)
{
    /// <summary>
    /// Runs one round. A step that storage or the gateway fails is logged and left to the next round; the other steps still
    /// run.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await TryAsync(sweeper.SweepAsync, "sweep", cancellationToken);
        await TryAsync(presence.ReconcileAsync, "presence", cancellationToken);
        await TryAsync(compactor.CompactAsync, "compaction", cancellationToken);
        await TryAsync(archives.ExpireAsync, "archives", cancellationToken);
        await TryAsync(limiter.SweepAsync, "usage", cancellationToken);
        if (scheduled is not null)
        {
            await TryAsync(scheduled.RunAsync, "scheduled archives", cancellationToken);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, string name, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            LogPostponed(exception, name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Maintenance: {Work} failed and is retried in the next round")]
    private partial void LogPostponed(Exception exception, string work);
}
