using System.Globalization;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Memory;

/// <summary>
/// Tables in memory with the exact semantics of Azure's: for tests, the simulation, and demonstrations that need not be
/// durable. Starts no thread and awaits nothing, so single-threaded runs are repeatable. ETags are a counter. Thread-safe.
/// </summary>
public sealed class MemoryTableStore : ITableStore
{
    /// <summary>Rows per page, as in Azure.</summary>
    public const int PageRowsMax = 1000;

    private readonly Lock gate = new();
    private readonly Dictionary<(TableName Table, string PartitionKey), MemoryPartition> partitions = [];
    private readonly int pageRows;
    private long version;

    /// <summary>Creates an empty store.</summary>
    /// <param name="pageRows">
    /// Rows that a query reads at once, 1 to <see cref="PageRowsMax"/>. A query may see rows that are written between two
    /// pages; a small value makes small tests cover that.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    public MemoryTableStore(int pageRows = PageRowsMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageRows, PageRowsMax);
        this.pageRows = pageRows;
    }

    /// <inheritdoc/>
    public Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        TableLimits.CheckKey(partitionKey, nameof(partitionKey));
        TableLimits.CheckKey(rowKey, nameof(rowKey));
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TableRow?>(cancellationToken);
        }

        lock (gate)
        {
            return Task.FromResult(partitions.GetValueOrDefault((table, partitionKey))?.Find(rowKey));
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        TableLimits.CheckQuery(partitionKey, range, limit);
        return PagedQuery.RowsAsync(
            range,
            limit,
            (rest, rowsMax, _) => Task.FromResult(ReadPage(table, partitionKey, rest, Math.Min(rowsMax, pageRows))),
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(actions);
        TableLimits.Check(partitionKey, actions);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TransactionResult>(cancellationToken);
        }

        lock (gate)
        {
            return Task.FromResult(Submit(table, partitionKey, actions));
        }
    }

    private TablePage ReadPage(TableName table, string partitionKey, RowRange range, int rowsMax)
    {
        lock (gate)
        {
            return partitions.GetValueOrDefault((table, partitionKey))?.ReadPage(range, rowsMax) ?? TablePage.Empty;
        }
    }

    private TransactionResult Submit(TableName table, string partitionKey, IReadOnlyList<TableAction> actions)
    {
        if (!partitions.TryGetValue((table, partitionKey), out var partition))
        {
            partition = new MemoryPartition(partitionKey);
            partitions.Add((table, partitionKey), partition);
        }

        if (partition.FindConflict(actions) is { } conflict)
        {
            return conflict;
        }

        var eTags = new ETag?[actions.Count];
        for (var index = 0; index < actions.Count; index++)
        {
            var eTag = new ETag((++version).ToString(CultureInfo.InvariantCulture));
            eTags[index] = partition.Apply(actions[index], eTag);
        }

        return new TransactionResult.Committed(eTags);
    }
}
