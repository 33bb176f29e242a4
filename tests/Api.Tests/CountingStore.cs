using ServerlessSync.Core.Storage;

namespace ServerlessSync.Api.Tests;

/// <summary>Records the calls to a store.</summary>
internal sealed class CountingStore(ITableStore inner) : ITableStore
{
    private readonly List<string> requests = [];

    /// <summary>The calls since the last read, in an order that does not depend on the timing of concurrent requests.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (requests)
        {
            List<string> taken = [.. requests.Order(StringComparer.Ordinal)];
            requests.Clear();
            return taken;
        }
    }

    public Task<TableRow?> GetAsync(TableName table, string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        Note($"get {table} {rowKey}");
        return inner.GetAsync(table, partitionKey, rowKey, cancellationToken);
    }

    public IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        Note($"query {table} {range.From}");
        return inner.QueryAsync(table, partitionKey, range, limit, cancellationToken);
    }

    public Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        Note($"submit {table}");
        return inner.SubmitAsync(table, partitionKey, actions, cancellationToken);
    }

    private void Note(string request)
    {
        lock (requests)
        {
            requests.Add(request);
        }
    }
}
