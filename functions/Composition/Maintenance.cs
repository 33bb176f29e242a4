using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Composition;

/// <summary>
/// The work of a timer: publishes revisions that an instance accepted before it died, removes people whose connections ended without an
/// event, removes history that is older than the retention and archives whose time is over and usage that counts no more, and archives projects where that is configured.
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
    /// <summary>One round. What fails for the sake of the network is logged and left to the next round; the rest still runs.</summary>
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
            LogPutOff(exception, name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Maintenance: {Work} is put off to the next round")]
    private partial void LogPutOff(Exception exception, string work);
}
