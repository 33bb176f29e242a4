using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Tables.Tests.Sqlite;

public sealed class SqliteFileTests : IDisposable
{
    private const string Partition = "p";

    private static readonly IReadOnlyDictionary<string, TableValue> Content = new Dictionary<string, TableValue>(
        StringComparer.Ordinal
    )
    {
        ["text"] = "Zo\u00eb",
        ["number"] = 42,
        ["bytes"] = new byte[] { 1, 2, 3 },
    };

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_committed_is_there_when_the_file_is_opened_again()
    {
        ETag eTag;
        await using (var store = new SqliteTableStore(folder.File))
        {
            eTag = await CommitAsync(store, new TableAction.Insert("row", Content));
        }

        await using var again = new SqliteTableStore(folder.File);
        var row = await GetAsync(again, "row");
        Assert.Equal(eTag, row!.ETag);
        Assert.Equal("Zo\u00eb", row.GetString("text"));
        Assert.Equal(42, row.GetInt64("number"));
        Assert.Equal([1, 2, 3], row.GetBinary("bytes")!.Value.ToArray());
        Assert.NotEqual(eTag, await CommitAsync(again, new TableAction.Replace("row", Content, eTag)));
    }

    [Fact]
    public async Task Closing_leaves_one_file()
    {
        await using (var store = new SqliteTableStore(folder.File))
        {
            await CommitAsync(store, new TableAction.Insert("row", Content));
            Assert.True(File.Exists(folder.File + "-wal"));
        }

        Assert.Equal([folder.File], Directory.GetFiles(Path.GetDirectoryName(folder.File)!));
    }

    [Fact]
    public async Task A_store_that_was_not_used_makes_no_file()
    {
        await new SqliteTableStore(folder.File).DisposeAsync();

        Assert.False(Directory.Exists(Path.GetDirectoryName(folder.File)));
    }

    [Fact]
    public async Task A_commit_waits_for_the_disk()
    {
        await using var connection = SqliteFile.OpenWriter(folder.File);

        Assert.Equal("wal", Read(connection, "PRAGMA journal_mode"));
        Assert.Equal(2L, Read(connection, "PRAGMA synchronous"));
    }

    [Fact]
    public async Task Two_stores_on_one_file_see_each_others_rows_and_fences()
    {
        await using var one = new SqliteTableStore(folder.File);
        await using var two = new SqliteTableStore(folder.File);
        var first = await CommitAsync(one, new TableAction.Insert("row", Content));
        var second = await CommitAsync(two, new TableAction.Replace("row", Content, first));

        var late = await SubmitAsync(one, new TableAction.Replace("row", Content, first));

        Assert.Equal(new TransactionResult.Conflict(0, ConflictReason.Stale), late);
        Assert.Equal(second, (await GetAsync(one, "row"))!.ETag);
    }

    [Fact]
    public async Task Stores_that_race_on_one_file_have_one_winner_each_round()
    {
        const int Rounds = 25;
        SqliteTableStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new SqliteTableStore(folder.File))];
        var eTag = await CommitAsync(stores[0], new TableAction.Insert("row", Content));
        for (var round = 0; round < Rounds; round++)
        {
            var results = await Task.WhenAll(
                stores.Select(store => SubmitAsync(store, new TableAction.Replace("row", Content, eTag)))
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
        SqliteTableStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new SqliteTableStore(folder.File))];

        await Task.WhenAll(
            stores.Select(
                (store, number) => Task.Run(() => CommitAsync(store, new TableAction.Insert($"{number}", Content)), Token)
            )
        );

        foreach (var store in stores)
        {
            Assert.NotNull(await GetAsync(store, "0"));
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reader_is_not_blocked_by_another_process_that_writes()
    {
        await using var store = new SqliteTableStore(folder.File);
        await CommitAsync(store, new TableAction.Insert("row", Content));
        await using var other = SqliteFile.OpenWriter(folder.File);
        SqliteFile.Execute(other, "BEGIN IMMEDIATE");
        SqliteFile.Execute(other, "DELETE FROM entity");

        Assert.NotNull(await GetAsync(store, "row"));

        SqliteFile.Execute(other, "ROLLBACK");
    }

    [Fact]
    public async Task A_transaction_that_waits_for_another_process_can_be_withdrawn_only_before_it_is_begun()
    {
        await using var store = new SqliteTableStore(folder.File);
        await CommitAsync(store, new TableAction.Insert("row", Content));
        await using var other = SqliteFile.OpenWriter(folder.File);
        SqliteFile.Execute(other, "BEGIN IMMEDIATE");
        using var source = new CancellationTokenSource();

        // The first of them is with the writer, which waits for the lock; the second is still in the queue, or both are.
        var begun = SubmitAsync(store, new TableAction.Insert("a", Content));
        var queued = store.SubmitAsync(TableName.Data, Partition, [new TableAction.Insert("b", Content)], source.Token);
        await source.CancelAsync();
        SqliteFile.Execute(other, "ROLLBACK");

        Assert.IsType<TransactionResult.Committed>(await begun);
        await Task.WhenAny(queued);
        Assert.Equal(queued.IsCanceled, await GetAsync(store, "b") is null);
    }

    [Fact]
    public async Task A_file_that_is_locked_for_long_is_a_failure_with_a_known_outcome()
    {
        await using var store = new SqliteTableStore(folder.File);
        await CommitAsync(store, new TableAction.Insert("row", Content));
        await using var other = SqliteFile.OpenWriter(folder.File);
        SqliteFile.Execute(other, "BEGIN IMMEDIATE");

        var failure = await Assert.ThrowsAsync<StorageException>(
            () => SubmitAsync(store, new TableAction.Insert("a", Content))
        );

        SqliteFile.Execute(other, "ROLLBACK");
        Assert.False(failure.OutcomeUnknown);
        Assert.Null(await GetAsync(store, "a"));
        await CommitAsync(store, new TableAction.Insert("a", Content));
    }

    [Fact]
    public async Task A_file_of_a_newer_schema_is_refused_and_left_as_it_is()
    {
        await using (var store = new SqliteTableStore(folder.File))
        {
            await CommitAsync(store, new TableAction.Insert("row", Content));
        }

        await using (var connection = SqliteFile.OpenWriter(folder.File))
        {
            SqliteFile.Execute(connection, "PRAGMA user_version = 2");
        }

        var before = await File.ReadAllBytesAsync(folder.File, Token);
        await using var newer = new SqliteTableStore(folder.File);
        var failure = await Assert.ThrowsAsync<StorageException>(() => GetAsync(newer, "row"));

        Assert.Contains("schema version 2; this program knows versions up to 1", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.OutcomeUnknown);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.File, Token));
    }

    [Fact]
    public async Task A_file_of_another_program_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File)!);
        await using (var connection = new SqliteConnection($"Data Source={folder.File};Pooling=False"))
        {
            await connection.OpenAsync(Token);
            SqliteFile.Execute(connection, "CREATE TABLE theirs (x)");
        }

        var before = await File.ReadAllBytesAsync(folder.File, Token);
        await using var store = new SqliteTableStore(folder.File);
        var failure = await Assert.ThrowsAsync<StorageException>(
            () => SubmitAsync(store, new TableAction.Insert("row", Content))
        );

        Assert.Contains("another program", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.File, Token));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_an_opening_that_failed_is_tried_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File)!);
        await File.WriteAllTextAsync(folder.File, new string('x', 5000), Token);
        await using var store = new SqliteTableStore(folder.File);
        var failure = await Assert.ThrowsAsync<StorageException>(() => GetAsync(store, "row"));
        Assert.Contains(folder.File, failure.Message, StringComparison.Ordinal);

        File.Delete(folder.File);

        Assert.Null(await GetAsync(store, "row"));
    }

    [Fact]
    public async Task What_was_submitted_before_closing_is_carried_out_and_later_calls_are_refused()
    {
        var store = new SqliteTableStore(folder.File);
        await CommitAsync(store, new TableAction.Insert("row", Content));
        var queued = Enumerable
            .Range(0, 50)
            .Select(number => SubmitAsync(store, new TableAction.Insert($"c-{number}", Content)))
            .ToList();

        await store.DisposeAsync();

        Assert.All(await Task.WhenAll(queued), result => Assert.IsType<TransactionResult.Committed>(result));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => GetAsync(store, "row"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SubmitAsync(store, new TableAction.Delete("row", null)));
    }

    private static object? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A literal of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private static Task<TransactionResult> SubmitAsync(SqliteTableStore store, TableAction action) =>
        store.SubmitAsync(TableName.Data, Partition, [action], Token);

    private static async Task<ETag> CommitAsync(SqliteTableStore store, TableAction action) =>
        Assert.IsType<TransactionResult.Committed>(await SubmitAsync(store, action)).ETags[0]!.Value;

    private static Task<TableRow?> GetAsync(SqliteTableStore store, string rowKey) =>
        store.GetAsync(TableName.Data, Partition, rowKey, Token);
}
