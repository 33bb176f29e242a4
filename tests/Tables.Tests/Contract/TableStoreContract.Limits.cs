using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests.Contract;

public abstract partial class TableStoreContract
{
    private static Dictionary<string, TableValue> Many(int count, Func<int, TableValue> value) =>
        Enumerable.Range(0, count).ToDictionary(number => $"p{number}", value, StringComparer.Ordinal);

    [Fact]
    public async Task A_transaction_holds_1_to_100_rows()
    {
        await AssertRefusedAsync("1 to 100 rows, not 0");
        await AssertRefusedAsync("1 to 100 rows, not 101", Rows(101));

        await CommitAsync(Rows(100));

        Assert.Equal(100, (await QueryAsync(string.Empty, "~")).Count);

        static IReadOnlyList<TableAction> Rows(int count) =>
            [.. Enumerable.Range(0, count).Select(number => Insert($"{number:D3}"))];
    }

    [Fact]
    public Task A_row_occurs_once_in_a_transaction() =>
        AssertRefusedAsync("'a' occurs twice", Insert("a"), Insert("b"), new TableAction.Delete("a", null));

    [Fact]
    public async Task A_binary_property_holds_64_KiB()
    {
        await AssertRefusedAsync("65537 bytes; the limit is 65536", Insert("row", new byte[65537]));

        await CommitAsync(Insert("row", new byte[65536]));
    }

    [Fact]
    public async Task A_string_property_holds_32768_characters()
    {
        await AssertRefusedAsync("32769 characters; the limit is 32768", Insert("row", new string('x', 32769)));

        await CommitAsync(Insert("row", new string('x', 32768)));
    }

    [Fact]
    public async Task A_row_holds_1_MiB()
    {
        var fixedBytes =
            4 + (2 * (Partition.Length + "row".Length)) + (15 * (8 + 4 + 4 + 65536)) + (5 * 2) + (8 + 2 + 4);
        var filler = TableLimits.RowBytesMax - fixedBytes;

        await AssertRefusedAsync("takes 1048577 bytes; the limit is 1048576", Row(filler + 1));

        await CommitAsync(Row(filler));

        // p0 to p14 take two or three characters each; the filler has one.
        static TableAction Row(int filler)
        {
            var properties = new Dictionary<string, TableValue>(Many(15, _ => new byte[65536]), StringComparer.Ordinal)
            {
                ["f"] = new byte[filler],
            };
            return new TableAction.Insert("row", properties);
        }
    }

    [Fact]
    public async Task A_row_holds_252_properties()
    {
        await AssertRefusedAsync("253 properties; the limit is 252", new TableAction.Insert("row", Many(253, _ => 1)));

        await CommitAsync(new TableAction.Insert("row", Many(252, _ => 1)));

        Assert.Equal(252, (await GetAsync("row"))!.Properties.Count);
    }

    [Fact]
    public async Task A_key_holds_512_characters()
    {
        var longest = Partition.PadRight(512, 'k');
        await AssertRefusedAsync("at most 512 characters", Insert(longest + "k"));
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            Store.SubmitAsync(TableName.Data, longest + "k", [Insert("row")], Token)
        );

        var result = await Store.SubmitAsync(TableName.Data, longest, [Insert(longest)], Token);

        Assert.Contains("at most 512 characters", refusal.Message, StringComparison.Ordinal);
        Assert.IsType<TransactionResult.Committed>(result);
        Assert.NotNull(await Store.GetAsync(TableName.Data, longest, longest, Token));
    }

    [Fact]
    public async Task Two_keys_take_3072_characters_in_a_URL()
    {
        // Nine characters in the URL each.
        var letters = (TableLimits.KeyUrlCharactersMax - Partition.Length) / 9;

        await AssertRefusedAsync("in a URL; the limit is 3072", Insert(new string('\u6f22', letters + 1)));

        await CommitAsync(Insert(new string('\u6f22', letters)));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    public Task A_key_holds_nothing_that_a_URL_would_break_at(string key) =>
        AssertRefusedAsync("no slash, backslash, #, ? or control character", Insert(key));

    [Fact]
    public async Task Halves_of_surrogate_pairs_are_refused()
    {
        // Not a theory, because attribute data cannot hold lone halves.
        foreach (var text in (string[])["\ud83d", "a\ude00b", "\ude00\ud83d", "\ud83d\ude00\ud83d"])
        {
            await AssertRefusedAsync("lone surrogate", Insert(text));
            await AssertRefusedAsync("lone surrogate", Insert("row", text));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1a")]
    [InlineData("a-b")]
    [InlineData("a b")]
    [InlineData("\u00e9")]
    [InlineData("PartitionKey")]
    [InlineData("rowkey")]
    [InlineData("Timestamp")]
    public Task A_property_is_named_like_a_variable(string name) =>
        AssertRefusedAsync(
            "a name is 1 to 255 ASCII letters, digits or _",
            new TableAction.Insert("row", new Dictionary<string, TableValue>(StringComparer.Ordinal) { [name] = 1 })
        );

    [Fact]
    public async Task A_property_name_holds_255_characters()
    {
        await AssertRefusedAsync("a name is 1 to 255", Row(256));

        await CommitAsync(Row(255));

        static TableAction Row(int length) =>
            new TableAction.Insert(
                "row",
                new Dictionary<string, TableValue>(StringComparer.Ordinal) { [new string('n', length)] = 1 }
            );
    }

    [Fact]
    public Task A_property_has_a_value() =>
        AssertRefusedAsync("has no value", new TableAction.Insert("row", Value(default)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*")]
    public async Task A_condition_that_every_version_meets_is_refused(string? eTag)
    {
        await CommitAsync(Insert("row"));

        await AssertRefusedAsync("an ETag that no store gave out", Replace("row", new ETag(eTag!)));
        await AssertRefusedAsync("an ETag that no store gave out", new TableAction.Delete("row", new ETag(eTag!)));
    }

    [Theory]
    [InlineData('x')]
    [InlineData('\u6f22')]
    public async Task A_transaction_holds_4_MiB_as_sent(char letter)
    {
        var most = Transactions.LargestFiller(filler => Transactions.OfText(Partition, letter, filler));

        await AssertRefusedAsync(
            "at most 4194304 bytes as sent",
            Transactions.OfText(Partition, letter, most + 1).Actions
        );

        await CommitAsync(Transactions.OfText(Partition, letter, most).Actions);
    }
}
