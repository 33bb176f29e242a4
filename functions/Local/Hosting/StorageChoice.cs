using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Emulator;
using ServerlessSync.Tables.Azure;
using ServerlessSync.Tables.Memory;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Local.Hosting;

/// <summary>The store that <c>--storage</c> names, with a description for people.</summary>
internal sealed record StorageChoice(ITableStore Store, string Description) : IAsyncDisposable
{
    /// <summary>Starts the Table Storage emulator for the lifetime of this program.</summary>
    public const string Emulator = "azurite";

    private const string FileName = "serverless-sync.db";

    private AzuriteFixture? emulator;

    /// <summary>The connection string of the tables; null for a store that only this process can open.</summary>
    public string? ConnectionString { get; private init; }

    public static bool IsUsable(string text) =>
        text is "memory" or "sqlite" or Emulator || IsTableAccount(text);

    /// <summary>Whether the text names tables that several processes can share.</summary>
    public static bool IsTableAccount(string text) =>
        text.Contains("UseDevelopmentStorage=true", StringComparison.OrdinalIgnoreCase)
        || text.Contains("TableEndpoint=", StringComparison.OrdinalIgnoreCase)
        || text.Contains("AccountName=", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens the store and creates its tables.</summary>
    public static async Task<StorageChoice> OpenAsync(LocalOptions options, CancellationToken cancellationToken)
    {
        switch (options.Storage)
        {
            case "memory":
                return new StorageChoice(new MemoryTableStore(), "in memory only: lost when this program ends");
            case "sqlite":
                var path = Path.GetFullPath(Path.Combine(options.Data, FileName));
#pragma warning disable CA2000 // The choice owns and disposes the store.
                return new StorageChoice(new SqliteTableStore(path), path);
#pragma warning restore CA2000
            case Emulator:
                return await StartEmulatorAsync(cancellationToken);
            default:
                return await OpenAccountAsync(options.Storage, "the Table Storage account of --storage", cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        if (emulator is not null)
        {
            await emulator.DisposeAsync();
        }
    }

    private static async Task<StorageChoice> OpenAccountAsync(string account, string description, CancellationToken cancellationToken)
    {
        var tables = AzureTableStore.FromConnectionString(account);
        await tables.EnsureTablesAsync(cancellationToken);
        return new StorageChoice(tables, description) { ConnectionString = account };
    }

    private static async Task<StorageChoice> StartEmulatorAsync(CancellationToken cancellationToken)
    {
        var azurite = await AzuriteFixture.StartAsync(cancellationToken);
        if (azurite.Unavailable is { } reason)
        {
            throw new InvalidDataException($"{reason} Install Node.js with npm, or pass a connection string.");
        }

        var choice = await OpenAccountAsync(azurite.ConnectionString, "Azurite, in memory only: lost when this program ends", cancellationToken);
        choice.emulator = azurite;
        return choice;
    }
}
