using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Sweeping;

namespace ServerlessSync.App;

/// <summary>
/// Puts right what nobody else would: revisions that a dead process accepted and did not publish, and people whose connections ended
/// without a word of the service. Removes what is older than the retention.
/// </summary>
public sealed partial class UpkeepFunction(Sweeper sweeper, PresenceBook presence, Compactor compactor, ILogger<UpkeepFunction> logger)
{
    /// <summary>Every minute, on one instance: the host holds a lease for its timers.</summary>
    [Function("upkeep")]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        await TryAsync(sweeper.SweepAsync, cancellationToken);
        await TryAsync(presence.ReconcileAsync, cancellationToken);
        await TryAsync(compactor.CompactAsync, cancellationToken);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            LogPutOff(exception);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Upkeep is put off to the next minute")]
    private partial void LogPutOff(Exception exception);
}
