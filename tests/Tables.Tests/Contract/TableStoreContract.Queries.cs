using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests.Contract;

public abstract partial class TableStoreContract
{
    [Fact]
    public async Task Rows_come_in_the_ordinal_order_of_their_keys()
    {
        // The emoji sorts before U+FFEE by UTF-16 and after it by code point.
        string[] keys =
        [
            "a",
            "B",
            "_",
            "~",
            "\u00e9",
            "\uffee",
            "\ud83d\ude00",
            "0",
            "-",
            "a-",
            "aa",
            "A",
            "c-10",
            "c-9",
        ];
        await CommitAsync([.. keys.Select(key => Insert(key))]);

        var rows = await QueryAsync(string.Empty, "\uffff");

        AssertKeys(keys.Order(StringComparer.Ordinal), rows);
    }

    [Theory]
    [InlineData("b", "d", "b,bb,c")]
    [InlineData("", "b", "a")]
    [InlineData("bb", "bb", "")]
    [InlineData("d", "b", "")]
    [InlineData("bba", "zz", "c,d")]
    [InlineData("x", "z", "")]
    public async Task A_range_includes_its_start_and_not_its_end(string from, string to, string expected)
    {
        await CommitAsync(Insert("a"), Insert("b"), Insert("bb"), Insert("c"), Insert("d"));

        var rows = await QueryAsync(from, to);

        Assert.Equal(expected, string.Join(',', rows.Select(row => row.RowKey)));
    }

    [Fact]
    public async Task A_prefix_gives_exactly_the_keys_that_begin_with_it()
    {
        await CommitAsync(
            Insert("c"),
            Insert("c-"),
            Insert("c-0001"),
            Insert("c-9"),
            Insert("c."),
            Insert("b-1"),
            Insert("d")
        );

        var rows = await QueryAsync(RowRange.Prefix("c-"));

        AssertKeys(["c-", "c-0001", "c-9"], rows);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(5, 5)]
    [InlineData(99, 5)]
    public async Task A_limit_ends_the_query(int limit, int expected)
    {
        await CommitAsync([.. Enumerable.Range(0, 5).Select(number => Insert($"{number}"))]);

        var rows = await QueryAsync(string.Empty, "~", limit);

        AssertKeys(Enumerable.Range(0, expected).Select(number => $"{number}"), rows);
    }

    [Fact]
    public async Task A_partition_that_was_never_written_is_empty() =>
        Assert.Empty(await QueryAsync(string.Empty, "~"));

    [Fact]
    public async Task A_query_goes_on_beyond_a_page()
    {
        const int Rows = 2150;
        foreach (var chunk in Enumerable.Range(0, Rows).Chunk(TableLimits.TransactionRowsMax))
        {
            await CommitAsync([.. chunk.Select(number => Insert($"c-{number:D19}", number))]);
        }

        var all = await QueryAsync(RowRange.Prefix("c-"));
        var some = await QueryAsync($"c-{50:D19}", "c.", 1500);

        Assert.Equal(
            Enumerable.Range(0, Rows).Select(number => (long?)number),
            all.Select(row => row.GetInt64("value"))
        );
        Assert.Equal(
            Enumerable.Range(50, 1500).Select(number => (long?)number),
            some.Select(row => row.GetInt64("value"))
        );
    }

    [Fact]
    public async Task A_query_of_large_rows_goes_on_beyond_a_page()
    {
        var megabyte = Enumerable
            .Range(0, 15)
            .ToDictionary(
                number => $"b{number}",
                _ => TableValue.FromByteArray(new byte[TableLimits.PropertyBytesMax]),
                StringComparer.Ordinal
            );
        for (var number = 0; number < 10; number++)
        {
            await CommitAsync(new TableAction.Insert($"s-{number}", megabyte));
        }

        var rows = await QueryAsync(RowRange.Prefix("s-"));

        AssertKeys(Enumerable.Range(0, 10).Select(number => $"s-{number}"), rows);
    }

    [Fact]
    public async Task A_query_that_cannot_be_is_refused_when_it_is_made()
    {
        Assert.ThrowsAny<ArgumentException>(() => Query("a/b", new RowRange("a", "b"), null));
        Assert.ThrowsAny<ArgumentException>(() => Query(Partition, default, null));
        Assert.ThrowsAny<ArgumentException>(() => Query(Partition, new RowRange("\ud83d", "b"), null));
        Assert.ThrowsAny<ArgumentException>(() => Query(Partition, new RowRange("a", "b"), -1));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => GetAsync("a?b"));

        IAsyncEnumerable<TableRow> Query(string partition, RowRange range, int? limit) =>
            Store.QueryAsync(TableName.Data, partition, range, limit, Token);
    }
}
