using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Tests.Contract;

namespace ServerlessSync.Tables.Tests.Azure;

public sealed class AzuriteTableStoreTests(AzuriteServer server) : TableStoreContract, IClassFixture<AzuriteServer>
{
    [Fact]
    public async Task Tables_that_exist_are_left_as_they_are()
    {
        await CommitAsync(Insert("row"));

        await server.Store.EnsureTablesAsync(Token);

        Assert.NotNull(await GetAsync("row"));
    }

    protected override ValueTask<ITableStore> OpenAsync() => new(server.Store);
}
