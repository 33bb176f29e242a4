using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Local.Hosting;

/// <summary>What a timer does in Azure.</summary>
internal sealed class Upkeep : IAsyncDisposable
{
    /// <summary>
    /// Presence is compared with the service's own listing, table <c>due</c> swept, and what is too old removed, this often.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public Upkeep(IReadOnlyList<Engine> engines, TimeProvider time) => running = RunAsync(engines, time);

    /// <summary>
    /// Forgets everybody who was here when the program ended. Their connections went through this very process, so none of them
    /// can be left.
    /// </summary>
    public static async Task ForgetPeopleAsync(ITableStore store, CancellationToken cancellationToken)
    {
        var partition = PresenceScope.Everyone.Partition;
        var rows = new List<TableAction>();
        await foreach (
            var row in store.QueryAsync(TableName.Presence, partition, new RowRange("0", "~"), limit: null, cancellationToken)
        )
        {
            rows.Add(new TableAction.Delete(row.RowKey, IfMatch: null));
        }

        foreach (var batch in rows.Chunk(TableLimits.TransactionRowsMax))
        {
            await store.SubmitAsync(TableName.Presence, partition, batch, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync(IReadOnlyList<Engine> engines, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            // First of all what the process before this one has left, should it have been killed.
            do
            {
                await TryAsync(engines[0].SweepAsync);
                await TryAsync(engines[0].ReconcileAsync);
                await TryAsync(engines[0].CompactAsync);
            } while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(stop.Token);
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            // The observer has heard of it; the next round tries again.
        }
    }
}
