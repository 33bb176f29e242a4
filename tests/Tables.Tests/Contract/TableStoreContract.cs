using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests.Contract;

/// <summary>The contract of all stores, with a derived class per store. Each test has its own partition.</summary>
public abstract partial class TableStoreContract : IAsyncLifetime
{
    private static int partitions;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string Partition { get; } = $"p{Interlocked.Increment(ref partitions)}";

    protected ITableStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected abstract ValueTask<ITableStore> OpenAsync();

    protected static IReadOnlyDictionary<string, TableValue> Value(TableValue value) =>
        new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["value"] = value };

    protected static TableAction.Insert Insert(string rowKey, TableValue? value = null) =>
        new(rowKey, Value(value ?? 1));

    protected static TableAction.Replace Replace(string rowKey, ETag ifMatch, TableValue? value = null) =>
        new(rowKey, Value(value ?? 2), ifMatch);

    protected Task<TransactionResult> SubmitAsync(params IReadOnlyList<TableAction> actions) =>
        Store.SubmitAsync(TableName.Data, Partition, actions, Token);

    /// <summary>Submits actions that must succeed; returns the ETag of the first.</summary>
    protected async Task<ETag> CommitAsync(params IReadOnlyList<TableAction> actions)
    {
        var committed = Assert.IsType<TransactionResult.Committed>(await SubmitAsync(actions));
        Assert.Equal(actions.Count, committed.ETags.Count);
        return committed.ETags[0] ?? default;
    }

    protected Task<TableRow?> GetAsync(string rowKey) => Store.GetAsync(TableName.Data, Partition, rowKey, Token);

    protected Task<IReadOnlyList<TableRow>> QueryAsync(string from, string to, int? limit = null) =>
        QueryAsync(new RowRange(from, to), limit);

    protected async Task<IReadOnlyList<TableRow>> QueryAsync(RowRange range, int? limit = null)
    {
        var rows = new List<TableRow>();
        await foreach (var row in Store.QueryAsync(TableName.Data, Partition, range, limit, Token))
        {
            rows.Add(row);
        }

        return rows;
    }

    protected static void AssertKeys(IEnumerable<string> expected, IEnumerable<TableRow> rows) =>
        Assert.Equal(expected, rows.Select(row => row.RowKey), StringComparer.Ordinal);

    /// <summary>Keys, versions and values of the whole partition, for comparison.</summary>
    protected async Task<string> ContentAsync()
    {
        var rows = await QueryAsync(string.Empty, "\uffff");
        return string.Join('\n', rows.Select(row => $"{row.RowKey} {row.ETag} {row.GetInt64("value")}"));
    }

    /// <summary>Submits actions that must fail, and checks that they left no trace.</summary>
    protected async Task AssertConflictAsync(
        int actionIndex,
        ConflictReason reason,
        params IReadOnlyList<TableAction> actions
    )
    {
        var before = await ContentAsync();

        var result = await SubmitAsync(actions);

        Assert.Equal(new TransactionResult.Conflict(actionIndex, reason), result);
        Assert.Equal(before, await ContentAsync());
    }

    /// <summary>Submits actions that must be refused before any I/O, and checks that they left no trace.</summary>
    protected async Task AssertRefusedAsync(string wording, params IReadOnlyList<TableAction> actions)
    {
        var before = await ContentAsync();

        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() => SubmitAsync(actions));

        Assert.Contains(wording, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await ContentAsync());
    }
}
