using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests.Contract;

public abstract partial class TableStoreContract
{
    public static TheoryData<string> Texts =>
        [
            string.Empty,
            "plain",
            "Zo\u00eb \u6f22\u5b57 \ud83d\ude00 \u202e",
            "\"quoted\" \\ <a&b> 'c' + `d`",
            "line\r\nline\ttab",
            "\0",
            new string('x', TableLimits.StringCharactersMax),
            new string('\u6f22', TableLimits.StringCharactersMax),
        ];

    public static TheoryData<string> Keys =>
        [
            "a b",
            " ",
            "it's",
            "''",
            "100%",
            "%41",
            "a+b",
            "a&b=c",
            "(x)",
            "a:b;c,d@e!$*|",
            "\"q\"<>",
            "Zo\u00eb",
            "\u6f22\u5b57",
            "\ud83d\ude00",
            "s~e6~bc~a2-_",
            "..",
        ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_comes_back_as_it_was(string text)
    {
        await CommitAsync(Insert("row", text));

        var row = await GetAsync("row");

        Assert.Equal(text, row!.GetString("value"));
        Assert.Equal(text, Assert.Single(await QueryAsync("row", "s")).GetString("value"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(TableLimits.PropertyBytesMax)]
    public async Task Binary_comes_back_as_it_was(int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(index => (byte)(index * 7 + index / 256))];
        await CommitAsync(Insert("row", bytes));

        var row = await GetAsync("row");

        Assert.Equal(bytes, row!.GetBinary("value")!.Value.ToArray());
        Assert.Equal(bytes, Assert.Single(await QueryAsync("row", "s")).GetBinary("value")!.Value.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(9007199254740993)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public async Task Integers_come_back_as_they_were(long number)
    {
        await CommitAsync(Insert("row", number));

        Assert.Equal(number, (await GetAsync("row"))!.GetInt64("value"));
    }

    [Fact]
    public async Task A_row_may_have_no_properties()
    {
        await CommitAsync(new TableAction.Insert("row", TableRows.NoProperties));

        Assert.Empty((await GetAsync("row"))!.Properties);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Any_allowed_key_can_be_written_found_and_removed(string key)
    {
        var partition = $"{Partition}{key}";
        var store = Store;
        var inserted = await store.SubmitAsync(TableName.Data, partition, [Insert(key)], Token);
        var eTag = Assert.IsType<TransactionResult.Committed>(inserted).ETags[0]!.Value;

        var found = await store.GetAsync(TableName.Data, partition, key, Token);
        var listed = new List<TableRow>();
        await foreach (var row in store.QueryAsync(TableName.Data, partition, RowRange.Prefix(key), null, Token))
        {
            listed.Add(row);
        }

        var repeated = await store.SubmitAsync(TableName.Data, partition, [Insert(key)], Token);
        var removed = await store.SubmitAsync(TableName.Data, partition, [new TableAction.Delete(key, eTag)], Token);

        Assert.Equal((partition, key), (found!.PartitionKey, found.RowKey));
        Assert.Equal((partition, key), (Assert.Single(listed).PartitionKey, listed[0].RowKey));
        Assert.Equal(new TransactionResult.Conflict(0, ConflictReason.Exists), repeated);
        Assert.IsType<TransactionResult.Committed>(removed);
        Assert.Null(await store.GetAsync(TableName.Data, partition, key, Token));
    }
}
