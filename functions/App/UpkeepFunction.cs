using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.App;

/// <summary>Puts right what lost events leave behind: the service may never say that a connection has ended.</summary>
public sealed partial class UpkeepFunction(PresenceBook presence, ILogger<UpkeepFunction> logger)
{
    /// <summary>Every minute, on one instance: the host holds a lease for its timers.</summary>
    [Function("upkeep")]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        try
        {
            await presence.ReconcileAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            LogPutOff(exception);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Upkeep is put off to the next minute")]
    private partial void LogPutOff(Exception exception);
}
