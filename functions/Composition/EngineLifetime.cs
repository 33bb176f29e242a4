using Microsoft.Extensions.Hosting;
using ServerlessSync.Blobs;
using ServerlessSync.Core.Engine;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.Composition;

/// <summary>
/// Starts and ends the engine with its host. What is committed is published before the process ends, so that no other instance has to
/// wait for a lease to run out.
/// </summary>
internal sealed class EngineLifetime(
    SequencerRegistry sequencers,
    AzureTableStore? tables,
    AzureArchiveContainer? archives,
    TimeProvider time
) : IHostedService
{
    /// <summary>Below the half minute after which hosts kill a process that was told to stop.</summary>
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
            // What was accepted is stored; the next instance publishes what is not published yet.
        }
    }
}
