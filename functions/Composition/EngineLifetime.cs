using Microsoft.Extensions.Hosting;
using ServerlessSync.Blobs;
using ServerlessSync.Core.Engine;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.Composition;

/// <summary>
/// Starts and stops the engine with its host. Committed revisions are published before the process ends, so that no other
/// instance has to wait for a lease to expire.
/// </summary>
internal sealed class EngineLifetime(
    SequencerRegistry sequencers,
    AzureTableStore? tables,
    AzureArchiveContainer? archives,
    TimeProvider time
) : IHostedService
{
    /// <summary>Less than the 30 seconds after which hosts kill a process that they asked to stop.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(15);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await (tables?.EnsureTablesAsync(cancellationToken) ?? Task.CompletedTask);
        await (archives?.EnsureContainerAsync(cancellationToken) ?? Task.CompletedTask);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(DrainMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await sequencers.DrainAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Accepted changes are stored; the next instance publishes what is unpublished.
        }
    }
}
