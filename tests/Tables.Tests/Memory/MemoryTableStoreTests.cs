using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Memory;
using ServerlessSync.Tables.Tests.Contract;

namespace ServerlessSync.Tables.Tests.Memory;

public sealed class MemoryTableStoreTests : TableStoreContract
{
    [Fact]
    public async Task Two_stores_with_the_same_writes_give_the_same_etags()
    {
        var other = new MemoryTableStore();
        for (var number = 0; number < 10; number++)
        {
            var result = await other.SubmitAsync(TableName.Data, Partition, [Insert($"{number}")], Token);

            Assert.Equal(
                await CommitAsync(Insert($"{number}")),
                Assert.IsType<TransactionResult.Committed>(result).ETags[0]
            );
        }
    }

    [Fact]
    public async Task Every_call_is_done_when_it_returns()
    {
        // The simulation depends on this: nothing may run on another thread.
        Assert.True(Store.SubmitAsync(TableName.Data, Partition, [Insert("a")], Token).IsCompleted);
        Assert.True(Store.GetAsync(TableName.Data, Partition, "a", Token).IsCompleted);
        await using var rows = Store
            .QueryAsync(TableName.Data, Partition, new RowRange("a", "z"), null, Token)
            .GetAsyncEnumerator(Token);
        Assert.True(rows.MoveNextAsync().AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_row_written_behind_the_page_being_read_is_seen_and_one_before_it_is_not()
    {
        var store = new MemoryTableStore(pageRows: 2);
        await store.SubmitAsync(TableName.Data, Partition, [Insert("b"), Insert("d"), Insert("f")], Token);
        var seen = new List<string>();

        await foreach (var row in store.QueryAsync(TableName.Data, Partition, new RowRange("a", "z"), null, Token))
        {
            if (seen.Count == 0)
            {
                await store.SubmitAsync(TableName.Data, Partition, [Insert("a"), Insert("c"), Insert("e")], Token);
            }

            seen.Add(row.RowKey);
        }

        Assert.Equal(["b", "d", "e", "f"], seen);
    }

    [Fact]
    public async Task Writers_on_many_threads_lose_nothing()
    {
        const int Writers = 4;
        const int Writes = 20000;
        using var start = new Barrier(Writers);

        var written = await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer), Token))
        );

        Assert.Equal(Writers * Writes, written.SelectMany(eTags => eTags).Distinct().Count());
        Assert.Equal(Writers * Writes, (await QueryAsync(string.Empty, "~")).Count);

        async Task<List<ETag>> WriteAsync(int writer)
        {
            start.SignalAndWait(Token);
            var eTags = new List<ETag>(Writes);
            for (var number = 0; number < Writes; number++)
            {
                eTags.Add(await CommitAsync(Insert($"{number}-{writer}")));
            }

            return eTags;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void A_page_holds_1_to_1000_rows(int rows) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryTableStore(rows));

    protected override ValueTask<ITableStore> OpenAsync() => new(new MemoryTableStore());
}
