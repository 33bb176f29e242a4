using System.Runtime.CompilerServices;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Simulation.Performance;

/// <summary>The store at a distance: each request takes its time, and takes effect in the middle of it.</summary>
internal sealed class LoadStore(LoadWorld world) : ITableStore
{
    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        world.Counts.PointReads++;
        var half = world.HalfLatency();
        await world.PassAsync(half);
        var row = await world.Tables.GetAsync(table, partitionKey, rowKey, cancellationToken);
        await world.PassAsync(half);
        return row;
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        world.Counts.Queries++;
        var half = world.HalfLatency();
        await world.PassAsync(half);
        var rows = new List<TableRow>();
        await foreach (var row in world.Tables.QueryAsync(table, partitionKey, range, limit, cancellationToken))
        {
            rows.Add(row);
        }

        world.Counts.RowsRead += rows.Count;
        await world.PassAsync(half);
        foreach (var row in rows)
        {
            yield return row;
        }
    }

    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        var half = world.HalfLatency();
        await world.PassAsync(half);
        var result = await world.Tables.SubmitAsync(table, partitionKey, actions, cancellationToken);
        world.Counts.Entities += actions.Count;
        if (result is TransactionResult.Committed)
        {
            world.Counts.Transactions++;
        }
        else
        {
            world.Counts.LostTransactions++;
        }

        await world.PassAsync(half);
        return result;
    }
}
