using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Sqlite;
using ServerlessSync.Tables.Tests.Contract;

namespace ServerlessSync.Tables.Tests.Sqlite;

public sealed class SqliteTableStoreTests : TableStoreContract
{
    private readonly TemporaryFolder folder = new();
    private SqliteTableStore? store;

    public override async ValueTask DisposeAsync()
    {
        if (store is not null)
        {
            await store.DisposeAsync();
        }

        folder.Dispose();
        await base.DisposeAsync();
    }

    protected override ValueTask<ITableStore> OpenAsync()
    {
        store = new SqliteTableStore(folder.File);
        return new(store);
    }
}
