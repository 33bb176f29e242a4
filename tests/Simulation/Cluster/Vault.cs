using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The storage service itself: what is in here is durable. Tells the ledger of every transaction that was carried out.</summary>
internal sealed class Vault(World world) : ITableStore
{
    private readonly MemoryTableStore tables = new();

    public Ledger Ledger { get; } = new(world);

    public Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    ) => tables.GetAsync(table, partitionKey, rowKey, cancellationToken);

    public IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    ) => tables.QueryAsync(table, partitionKey, range, limit, cancellationToken);

    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        var result = await tables.SubmitAsync(table, partitionKey, actions, cancellationToken);
        if (result is TransactionResult.Committed && table == TableName.Data)
        {
            Ledger.Note(partitionKey, actions);
        }

        return result;
    }

    /// <summary>A transaction that arrives after its caller has given it up.</summary>
    public void SubmitLate(TableName table, string partitionKey, IReadOnlyList<TableAction> actions) =>
        world.Spawn(SubmitAsync(table, partitionKey, actions, CancellationToken.None), "a late transaction");
}
