using System.Globalization;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The durable state of the storage service. Reports every executed transaction to the ledger.</summary>
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
            await NoteBeginningAsync(partitionKey, actions);
            Ledger.Note(partitionKey, actions);
        }

        return result;
    }

    /// <summary>Copies the beginning of a log into the ledger, since compactions and deletions remove it from the store.</summary>
    private async Task NoteBeginningAsync(string partition, IReadOnlyList<TableAction> actions)
    {
        if (Ledger.FindBeginning(partition, actions) is not { } head)
        {
            return;
        }

        // All project ids in the simulation are numbers (JsonId.ToKey).
        var log = new ProjectLog(this, new ProjectId(JsonId.Of(int.Parse(partition.AsSpan(1), CultureInfo.InvariantCulture))));
        var basis = await log.ReadPayloadAsync(head.BaseKey, CancellationToken.None);
        var state = head.AnchorKey.Length > 0 ? await log.ReadPayloadAsync(head.AnchorKey, CancellationToken.None) : basis;
        if (basis is null || state is null)
        {
            world.Violate("P8 no surprises", $"the head of {partition} names payloads that are not stored: {head}");
            return;
        }

        Ledger.Begin(partition, head, new LogPeriod(head.LogStart - 1, basis, state, world.Time.Elapsed));
    }

    /// <summary>Executes a transaction that has timed out for its caller.</summary>
    public void SubmitLate(TableName table, string partitionKey, IReadOnlyList<TableAction> actions) =>
        world.Spawn(SubmitAsync(table, partitionKey, actions, CancellationToken.None), "a late transaction");
}
