using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServerlessSync.Api.Http;
using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Api.Tests;

public sealed class Checking_health
{
    [Fact]
    public async Task It_is_healthy_with_its_storage() =>
        Assert.Equal((200, """{"status":"ok","version":"1.2.3","commit":"abc","storage":"ok"}"""), await AskAsync(new MemoryTableStore()));

    [Fact]
    public async Task It_is_unhealthy_without_its_storage_and_reveals_nothing_else() =>
        Assert.Equal((503, """{"status":"unavailable","version":"1.2.3","commit":"abc","storage":"unavailable"}"""), await AskAsync(new BrokenStore()));

    private static async Task<(int Status, string Body)> AskAsync(ITableStore store)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Response.Body = body;
        context.Request.Method = HttpMethods.Get;
        await new HealthEndpoint(ApiWorld.CorsFor(ApiWorld.Page), store, "1.2.3", "abc").HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }

    private sealed class BrokenStore : ITableStore
    {
        public Task<TableRow?> GetAsync(TableName table, string partitionKey, string rowKey, CancellationToken cancellationToken) =>
            throw new StorageException("account sync123: AuthorizationFailure", outcomeUnknown: false);

        public IAsyncEnumerable<TableRow> QueryAsync(
            TableName table,
            string partitionKey,
            RowRange range,
            int? limit,
            CancellationToken cancellationToken
        ) => throw new StorageException("account sync123: AuthorizationFailure", outcomeUnknown: false);

        public Task<TransactionResult> SubmitAsync(
            TableName table,
            string partitionKey,
            IReadOnlyList<TableAction> actions,
            CancellationToken cancellationToken
        ) => throw new StorageException("account sync123: AuthorizationFailure", outcomeUnknown: false);
    }
}
