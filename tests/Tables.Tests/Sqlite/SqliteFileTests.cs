using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Tables.Tests.Sqlite;

/// <summary>The file: created, kept, closed, refused.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_committed_is_there_when_the_file_is_opened_again()
    {
        ETag eTag;
        await using (var store = new SqliteTableStore(folder.File))
        {
            eTag = await Rows.CommitAsync(store, Rows.Insert("row"));
        }

        await using var again = new SqliteTableStore(folder.File);
        var row = await Rows.GetAsync(again, "row");
        Assert.Equal(eTag, row!.ETag);
        Assert.Equal("Zo\u00eb", row.GetString("text"));
        Assert.Equal(42, row.GetInt64("number"));
        Assert.Equal([1, 2, 3], row.GetBinary("bytes")!.Value.ToArray());
        Assert.NotEqual(eTag, await Rows.CommitAsync(again, Rows.Replace("row", eTag)));
    }

    [Fact]
    public async Task Closing_leaves_one_file()
    {
        await using (var store = new SqliteTableStore(folder.File))
        {
            await Rows.CommitAsync(store, Rows.Insert("row"));
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
    public async Task A_file_of_a_newer_schema_is_refused_and_left_as_it_is()
    {
        await using (var store = new SqliteTableStore(folder.File))
        {
            await Rows.CommitAsync(store, Rows.Insert("row"));
        }

        await using (var connection = SqliteFile.OpenWriter(folder.File))
        {
            SqliteFile.Execute(connection, "PRAGMA user_version = 2");
        }

        var before = await File.ReadAllBytesAsync(folder.File, Token);
        await using var newer = new SqliteTableStore(folder.File);
        var failure = await Assert.ThrowsAsync<StorageException>(() => Rows.GetAsync(newer, "row"));

        Assert.Contains(
            "schema version 2; this program supports versions up to 1",
            failure.Message,
            StringComparison.Ordinal
        );
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
        var failure = await Assert.ThrowsAsync<StorageException>(() => Rows.SubmitAsync(store, Rows.Insert("row")));

        Assert.Contains("another program", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.File, Token));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_an_opening_that_failed_is_tried_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File)!);
        await File.WriteAllTextAsync(folder.File, new string('x', 5000), Token);
        await using var store = new SqliteTableStore(folder.File);
        var failure = await Assert.ThrowsAsync<StorageException>(() => Rows.GetAsync(store, "row"));
        Assert.Contains(folder.File, failure.Message, StringComparison.Ordinal);

        File.Delete(folder.File);

        Assert.Null(await Rows.GetAsync(store, "row"));
    }

    [Fact]
    public async Task What_was_submitted_before_closing_is_carried_out_and_later_calls_are_refused()
    {
        var store = new SqliteTableStore(folder.File);
        await Rows.CommitAsync(store, Rows.Insert("row"));
        var queued = Enumerable
            .Range(0, 50)
            .Select(number => Rows.SubmitAsync(store, Rows.Insert($"c-{number}")))
            .ToList();

        await store.DisposeAsync();

        Assert.All(await Task.WhenAll(queued), result => Assert.IsType<TransactionResult.Committed>(result));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Rows.GetAsync(store, "row"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
            Rows.SubmitAsync(store, new TableAction.Delete("row", null))
        );
    }

    private static object? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A literal of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
