using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests.Contract;

public abstract partial class TableStoreContract
{
    [Fact]
    public async Task A_row_that_was_inserted_is_read_with_the_etag_of_its_insertion()
    {
        var eTag = await CommitAsync(Insert("head", 7));

        var row = await GetAsync("head");

        Assert.NotNull(row);
        Assert.Equal((Partition, "head", eTag), (row.PartitionKey, row.RowKey, row.ETag));
        Assert.Equal(7, row.GetInt64("value"));
        Assert.Single(row.Properties);
    }

    [Fact]
    public async Task A_row_that_was_never_written_is_null() => Assert.Null(await GetAsync("head"));

    [Fact]
    public async Task A_replacement_replaces_all_properties()
    {
        var eTag = await CommitAsync(Insert("head"));

        await CommitAsync(
            new TableAction.Replace(
                "head",
                new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["other"] = "x" },
                eTag
            )
        );

        var row = await GetAsync("head");
        Assert.Equal("other", Assert.Single(row!.Properties.Keys));
        Assert.Equal("x", row.GetString("other"));
    }

    [Fact]
    public async Task An_upsert_makes_a_row_and_replaces_all_its_properties()
    {
        await CommitAsync(new TableAction.Upsert("row", Value(1)));
        await CommitAsync(
            new TableAction.Upsert("row", new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["other"] = 2 })
        );

        var row = await GetAsync("row");
        Assert.Equal("other", Assert.Single(row!.Properties.Keys));
        Assert.Equal(2, row.GetInt64("other"));
    }

    [Fact]
    public async Task A_deletion_removes_a_row_with_and_without_a_condition()
    {
        var eTag = await CommitAsync(Insert("a"), Insert("b"));

        var result = await SubmitAsync(new TableAction.Delete("a", eTag), new TableAction.Delete("b", null));

        Assert.Equal([null, null], Assert.IsType<TransactionResult.Committed>(result).ETags);
        Assert.Empty(await QueryAsync(string.Empty, "~"));
    }

    [Fact]
    public async Task Every_write_gives_its_row_an_etag_it_never_had()
    {
        var seen = new HashSet<ETag>();
        for (var round = 0; round < 20; round++)
        {
            var eTag = await CommitAsync(Insert("row"));
            Assert.True(seen.Add(eTag));
            eTag = await CommitAsync(Replace("row", eTag));
            Assert.True(seen.Add(eTag));
            eTag = await CommitAsync(new TableAction.Upsert("row", Value(3)));
            Assert.True(seen.Add(eTag));
            await CommitAsync(new TableAction.Delete("row", eTag));
        }
    }

    [Fact]
    public async Task A_row_made_again_is_not_taken_for_its_predecessor()
    {
        var first = await CommitAsync(Insert("row"));
        await CommitAsync(new TableAction.Delete("row", first));
        await CommitAsync(Insert("row"));

        await AssertConflictAsync(0, ConflictReason.Stale, Replace("row", first));
    }

    [Fact]
    public async Task Each_action_is_answered_with_the_etag_of_its_row()
    {
        var old = await CommitAsync(Insert("b"), Insert("d"));

        var result = await SubmitAsync(
            Insert("a"),
            Replace("b", old),
            new TableAction.Upsert("c", Value(3)),
            new TableAction.Delete("d", null)
        );

        var eTags = Assert.IsType<TransactionResult.Committed>(result).ETags;
        var rows = await QueryAsync("a", "e");
        AssertKeys(["a", "b", "c"], rows);
        Assert.Equal([.. rows.Select(row => (ETag?)row.ETag), null], eTags);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Inserting_an_existing_row_writes_nothing(int index)
    {
        await CommitAsync(Insert("taken"));

        await AssertConflictAsync(index, ConflictReason.Exists, WithFillers(index, Insert("taken", 9)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Replacing_a_missing_row_writes_nothing(int index)
    {
        var eTag = await CommitAsync(Insert("other"));

        await AssertConflictAsync(index, ConflictReason.Missing, WithFillers(index, Replace("missing", eTag)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Replacing_a_changed_row_writes_nothing(int index)
    {
        var eTag = await CommitAsync(Insert("head"));
        await CommitAsync(Replace("head", eTag));

        await AssertConflictAsync(index, ConflictReason.Stale, WithFillers(index, Replace("head", eTag, 9)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Deleting_a_missing_row_writes_nothing(int index)
    {
        var eTag = await CommitAsync(Insert("other"));

        await AssertConflictAsync(
            index,
            ConflictReason.Missing,
            WithFillers(index, new TableAction.Delete("no", null))
        );
        await AssertConflictAsync(
            index,
            ConflictReason.Missing,
            WithFillers(index, new TableAction.Delete("no", eTag))
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Deleting_a_changed_row_writes_nothing(int index)
    {
        var eTag = await CommitAsync(Insert("head"));
        await CommitAsync(Replace("head", eTag));

        await AssertConflictAsync(
            index,
            ConflictReason.Stale,
            WithFillers(index, new TableAction.Delete("head", eTag))
        );
    }

    [Fact]
    public async Task A_late_failure_takes_back_replacements_upserts_and_deletions()
    {
        var eTag = await CommitAsync(Insert("head"), Insert("old"), Insert("gone"), Insert("taken"));

        await AssertConflictAsync(
            4,
            ConflictReason.Exists,
            Replace("head", eTag),
            new TableAction.Upsert("old", Value(5)),
            new TableAction.Upsert("new", Value(5)),
            new TableAction.Delete("gone", null),
            Insert("taken")
        );
    }

    [Fact]
    public async Task Of_several_conflicts_the_first_is_reported()
    {
        await CommitAsync(Insert("a"), Insert("b"));

        await AssertConflictAsync(1, ConflictReason.Exists, Insert("c"), Insert("b"), Insert("a"));
    }

    [Fact]
    public async Task What_a_caller_does_to_its_dictionary_later_changes_no_row()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["value"] = 1 };
        await CommitAsync(new TableAction.Insert("row", properties));

        properties["value"] = 2;

        Assert.Equal(1, (await GetAsync("row"))!.GetInt64("value"));
    }

    [Fact]
    public async Task Partitions_and_tables_are_independent()
    {
        var eTag = await CommitAsync(Insert("row", 1));
        var other = Partition + "-other";

        var elsewhere = await Store.SubmitAsync(TableName.Data, other, [Insert("row", 2)], Token);
        var otherTable = await Store.SubmitAsync(TableName.Users, Partition, [Insert("row", 3)], Token);

        Assert.IsType<TransactionResult.Committed>(elsewhere);
        Assert.IsType<TransactionResult.Committed>(otherTable);
        Assert.Equal(2, (await Store.GetAsync(TableName.Data, other, "row", Token))!.GetInt64("value"));
        Assert.Equal(3, (await Store.GetAsync(TableName.Users, Partition, "row", Token))!.GetInt64("value"));
        await CommitAsync(Replace("row", eTag, 4));
        Assert.Equal(4, Assert.Single(await QueryAsync(string.Empty, "~")).GetInt64("value"));
    }

    private static IReadOnlyList<TableAction> WithFillers(int index, TableAction action) =>
        [.. Enumerable.Range(0, index).Select(filler => Insert($"filler{filler}")), action, Insert("last")];
}
