using System.Runtime.CompilerServices;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>A table in memory with Azure's ETag semantics, and hooks that inject failures.</summary>
internal sealed class FakeTableStore : ITableStore
{
    private readonly SortedDictionary<(string Table, string Partition, string Row), TableRow> rows = new(KeyOrder.Instance);
    private long version;

    /// <summary>Awaited before every operation: delays.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>Called before a transaction: a failure that prevents it.</summary>
    public Func<IReadOnlyList<TableAction>, StorageException?> FailBefore { get; set; } = _ => null;

    /// <summary>Called after a transaction was carried out: a lost answer.</summary>
    public Func<IReadOnlyList<TableAction>, StorageException?> FailAfter { get; set; } = _ => null;

    /// <summary>Called before a read: a failure.</summary>
    public Func<string, StorageException?> FailRead { get; set; } = _ => null;

    /// <summary>Transactions that were carried out.</summary>
    public List<IReadOnlyList<TableAction>> Committed { get; } = [];

    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        await Before();
        return FailRead(rowKey) is { } failure ? throw failure : Peek(table, partitionKey, rowKey);
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Before();
        if (FailRead(range.From) is { } failure)
        {
            throw failure;
        }

        var found = rows.Where(row =>
                (row.Key.Table, row.Key.Partition) == (table.Value, partitionKey)
                && string.CompareOrdinal(row.Key.Row, range.From) >= 0
                && string.CompareOrdinal(row.Key.Row, range.To) < 0
            )
            .Select(row => row.Value)
            .Take(limit ?? int.MaxValue)
            .ToList();
        foreach (var row in found)
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
        TableLimits.Check(partitionKey, actions);
        await Before();
        if (FailBefore(actions) is { } refused)
        {
            throw refused;
        }

        for (var index = 0; index < actions.Count; index++)
        {
            if (Refusal(Peek(table, partitionKey, actions[index].RowKey), actions[index]) is { } reason)
            {
                return new TransactionResult.Conflict(index, reason);
            }
        }

        var tags = actions.Select(action => Apply(table, partitionKey, action)).ToList();
        Committed.Add(actions);
        await Before();
        return FailAfter(actions) is { } lost ? throw lost : new TransactionResult.Committed(tags);
    }

    public TableRow? Peek(TableName table, string partitionKey, string rowKey) =>
        rows.GetValueOrDefault((table.Value, partitionKey, rowKey));

    /// <summary>Writes a row without any checks.</summary>
    public void Poke(TableName table, string partitionKey, TableAction action) => Apply(table, partitionKey, action);

    private static ConflictReason? Refusal(TableRow? row, TableAction action) =>
        action switch
        {
            TableAction.Insert => row is null ? null : ConflictReason.Exists,
            TableAction.Replace replace => Compare(row, replace.IfMatch),
            TableAction.Delete delete => Compare(row, delete.IfMatch),
            _ => null,
        };

    private static ConflictReason? Compare(TableRow? row, ETag? ifMatch)
    {
        if (row is null)
        {
            return ConflictReason.Missing;
        }

        return ifMatch is null || row.ETag == ifMatch ? null : ConflictReason.Stale;
    }

    private ETag? Apply(TableName table, string partitionKey, TableAction action)
    {
        var key = (table.Value, partitionKey, action.RowKey);
        var properties = action switch
        {
            TableAction.Insert insert => insert.Properties,
            TableAction.Replace replace => replace.Properties,
            TableAction.Upsert upsert => upsert.Properties,
            _ => null,
        };
        if (properties is null)
        {
            rows.Remove(key);
            return null;
        }

        var tag = new ETag($"W/{++version}");
        rows[key] = new TableRow(partitionKey, action.RowKey, tag, properties);
        return tag;
    }

    private sealed class KeyOrder : IComparer<(string Table, string Partition, string Row)>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare(
            (string Table, string Partition, string Row) x,
            (string Table, string Partition, string Row) y
        )
        {
            var byTable = string.CompareOrdinal(x.Table, y.Table);
            var byPartition = string.CompareOrdinal(x.Partition, y.Partition);
            return byTable != 0 ? byTable : byPartition != 0 ? byPartition : string.CompareOrdinal(x.Row, y.Row);
        }
    }
}
