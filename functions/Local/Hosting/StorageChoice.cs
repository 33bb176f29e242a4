using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Azure;
using ServerlessSync.Tables.Memory;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Local.Hosting;

/// <summary>The store that <c>--storage</c> names, and how to tell a person about it.</summary>
internal sealed record StorageChoice(ITableStore Store, string Description) : IAsyncDisposable
{
    private const string FileName = "serverless-sync.db";

    public static bool IsUsable(string text) =>
        text is "memory" or "sqlite"
        || text.Contains("UseDevelopmentStorage=true", StringComparison.OrdinalIgnoreCase)
        || text.Contains("TableEndpoint=", StringComparison.OrdinalIgnoreCase)
        || text.Contains("AccountName=", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens the store and makes its tables.</summary>
    public static async Task<StorageChoice> OpenAsync(LocalOptions options, CancellationToken cancellationToken)
    {
        switch (options.Storage)
        {
            case "memory":
                return new StorageChoice(new MemoryTableStore(), "in memory only: gone when this program ends");
            case "sqlite":
                var path = Path.GetFullPath(Path.Combine(options.Data, FileName));
#pragma warning disable CA2000 // The choice owns and disposes the store.
                return new StorageChoice(new SqliteTableStore(path), path);
#pragma warning restore CA2000
            default:
                var tables = AzureTableStore.FromConnectionString(options.Storage);
                await tables.EnsureTablesAsync(cancellationToken);
                return new StorageChoice(tables, "the Table Storage account of --storage");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
