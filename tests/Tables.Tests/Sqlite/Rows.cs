using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Tables.Tests.Sqlite;

/// <summary>One-row transactions in one partition.</summary>
internal static class Rows
{
    public const string Partition = "p";

    private static readonly IReadOnlyDictionary<string, TableValue> Content = new Dictionary<string, TableValue>(
        StringComparer.Ordinal
    )
    {
        ["text"] = "Zo\u00eb",
        ["number"] = 42,
        ["bytes"] = new byte[] { 1, 2, 3 },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TableAction Insert(string rowKey) => new TableAction.Insert(rowKey, Content);

    public static TableAction Replace(string rowKey, ETag ifMatch) => new TableAction.Replace(rowKey, Content, ifMatch);

    public static Task<TransactionResult> SubmitAsync(SqliteTableStore store, TableAction action) =>
        store.SubmitAsync(TableName.Data, Partition, [action], Token);

    public static async Task<ETag> CommitAsync(SqliteTableStore store, TableAction action) =>
        Assert.IsType<TransactionResult.Committed>(await SubmitAsync(store, action)).ETags[0]!.Value;

    public static Task<TableRow?> GetAsync(SqliteTableStore store, string rowKey) =>
        store.GetAsync(TableName.Data, Partition, rowKey, Token);
}
