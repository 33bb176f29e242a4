using Microsoft.Extensions.Hosting;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.App;

/// <summary>
/// Ends an instance without haste: what is committed gets published before the process goes, so that no other instance has
/// to wait for its leases to run out.
/// </summary>
internal sealed class Lifetime(AzureTableStore store, SequencerRegistry sequencers, bool makeTables) : IHostedService
{
    // In Azure the deployment makes the tables; an emulator begins empty.
    public Task StartAsync(CancellationToken cancellationToken) =>
        makeTables ? store.EnsureTablesAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => sequencers.DrainAsync(cancellationToken);
}
