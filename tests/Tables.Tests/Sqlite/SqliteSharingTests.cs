using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Tables.Tests.Sqlite;

/// <summary>Several stores on one file, as in several processes.</summary>
public sealed class SqliteSharingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Two_stores_on_one_file_see_each_others_rows_and_fences()
    {
        await using var one = new SqliteTableStore(folder.File);
        await using var two = new SqliteTableStore(folder.File);
        var first = await Rows.CommitAsync(one, Rows.Insert("row"));
        var second = await Rows.CommitAsync(two, Rows.Replace("row", first));

        var late = await Rows.SubmitAsync(one, Rows.Replace("row", first));

        Assert.Equal(new TransactionResult.Conflict(0, ConflictReason.Stale), late);
        Assert.Equal(second, (await Rows.GetAsync(one, "row"))!.ETag);
    }

    [Fact]
    public async Task Stores_that_race_on_one_file_have_one_winner_each_round()
    {
        const int Rounds = 25;
        SqliteTableStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new SqliteTableStore(folder.File))];
        var eTag = await Rows.CommitAsync(stores[0], Rows.Insert("row"));
        for (var round = 0; round < Rounds; round++)
        {
            var results = await Task.WhenAll(
                stores.Select(store => Rows.SubmitAsync(store, Rows.Replace("row", eTag)))
            );

            eTag = Assert.Single(results.OfType<TransactionResult.Committed>()).ETags[0]!.Value;
        }

        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stores_may_make_the_file_at_the_same_time()
    {
        // Many files, because each is half-created only for a moment.
        const int Files = 40;
        for (var file = 0; file < Files; file++)
        {
            var path = $"{folder.File}.{file}";
            SqliteTableStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new SqliteTableStore(path))];

            await Task.WhenAll(
                stores.Select((store, number) => Task.Run(() => Rows.CommitAsync(store, Rows.Insert($"{number}")), Token))
            );

            foreach (var store in stores)
            {
                Assert.NotNull(await Rows.GetAsync(store, "0"));
                await store.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_reader_is_not_blocked_by_another_process_that_writes()
    {
        await using var store = new SqliteTableStore(folder.File);
        await Rows.CommitAsync(store, Rows.Insert("row"));
        await using var other = SqliteFile.OpenWriter(folder.File);
        SqliteFile.Execute(other, "BEGIN IMMEDIATE");
        SqliteFile.Execute(other, "DELETE FROM entity");

        Assert.NotNull(await Rows.GetAsync(store, "row"));

        SqliteFile.Execute(other, "ROLLBACK");
    }

    [Fact]
    public async Task A_transaction_that_waits_for_another_process_can_be_withdrawn_only_before_it_is_begun()
    {
        await using var store = new SqliteTableStore(folder.File);
        await Rows.CommitAsync(store, Rows.Insert("row"));
        await using var other = SqliteFile.OpenWriter(folder.File);
        SqliteFile.Execute(other, "BEGIN IMMEDIATE");
        using var source = new CancellationTokenSource();

        // The first is being written and waits for the lock, with the second in the queue; or both are in the queue.
        var begun = Rows.SubmitAsync(store, Rows.Insert("a"));
        var queued = store.SubmitAsync(TableName.Data, Rows.Partition, [Rows.Insert("b")], source.Token);
        await source.CancelAsync();
        SqliteFile.Execute(other, "ROLLBACK");

        Assert.IsType<TransactionResult.Committed>(await begun);
        await Task.WhenAny(queued);
        Assert.Equal(queued.IsCanceled, await Rows.GetAsync(store, "b") is null);
    }

    [Fact]
    public async Task A_file_that_is_locked_for_long_is_a_failure_with_a_known_outcome()
    {
        await using var store = new SqliteTableStore(folder.File, busySeconds: 1);
        await Rows.CommitAsync(store, Rows.Insert("row"));
        await using var other = SqliteFile.OpenWriter(folder.File);
        SqliteFile.Execute(other, "BEGIN IMMEDIATE");

        var failure = await Assert.ThrowsAsync<StorageException>(() => Rows.SubmitAsync(store, Rows.Insert("a")));

        SqliteFile.Execute(other, "ROLLBACK");
        Assert.False(failure.OutcomeUnknown);
        Assert.Null(await Rows.GetAsync(store, "a"));
        await Rows.CommitAsync(store, Rows.Insert("a"));
    }
}
