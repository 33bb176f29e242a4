using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests.Contract;

public abstract partial class TableStoreContract
{
    [Fact]
    public async Task Of_eight_writers_with_one_etag_exactly_one_wins()
    {
        const int Racers = 8;
        const int Rounds = 40;
        var eTag = await CommitAsync(Insert("head", 0));
        for (var round = 1; round <= Rounds; round++)
        {
            var results = await Task.WhenAll(
                Enumerable.Range(0, Racers).Select(racer => RaceAsync(round, racer, eTag))
            );

            var winner = Assert.Single(results.OfType<TransactionResult.Committed>());
            Assert.All(
                results.OfType<TransactionResult.Conflict>(),
                loser => Assert.Equal(new TransactionResult.Conflict(0, ConflictReason.Stale), loser)
            );
            eTag = winner.ETags[0]!.Value;
        }

        var entries = await QueryAsync(RowRange.Prefix("c-"));
        Assert.Equal(
            Enumerable.Range(1, Rounds).Select(round => (long?)round),
            entries.Select(row => row.GetInt64("value"))
        );
        Assert.Equal(Rounds, (await GetAsync("head"))!.GetInt64("value"));
    }

    [Fact]
    public async Task A_reader_never_sees_half_a_transaction()
    {
        const int Writes = 60;
        string[] keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
        await CommitAsync([.. keys.Select(key => Insert(key, 0))]);
        var isWriting = true;
        var writing = Task.Run(
            async () =>
            {
                for (var number = 1; number <= Writes; number++)
                {
                    // Every other transaction fails at its last action: its earlier writes must not become visible.
                    TableAction last = number % 2 == 0 ? Insert("a") : new TableAction.Upsert("z", Value(number));
                    var written = number % 2 == 0 ? keys[1..] : keys;
                    await SubmitAsync([.. written.Select(key => new TableAction.Upsert(key, Value(number))), last]);
                }

                Volatile.Write(ref isWriting, false);
            },
            Token
        );

        var reads = 0;
        do
        {
            var rows = await QueryAsync("a", "i");
            Assert.Equal(keys.Length, rows.Count);
            Assert.Single(rows.Select(row => row.GetInt64("value")).Distinct());

            // 0 at the start, then the odd numbers, whose transactions succeed.
            var value = rows[0].GetInt64("value");
            Assert.True(value == 0 || value % 2 == 1, $"{value} was taken back");
            reads++;
        } while (Volatile.Read(ref isWriting));

        await writing;
        Assert.Equal(Writes - 1, (await GetAsync("a"))!.GetInt64("value"));
        Assert.True(reads > 0);
    }

    [Fact]
    public async Task Writers_of_different_partitions_do_not_disturb_each_other()
    {
        const int Writers = 12;
        const int Writes = 15;

        await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            var partition = $"{Partition}-{writer}";
                            ETag? head = null;
                            for (var number = 0; number < Writes; number++)
                            {
                                TableAction first = head is { } eTag
                                    ? Replace("head", eTag, number)
                                    : Insert("head", number);
                                var result = await Store.SubmitAsync(
                                    TableName.Data,
                                    partition,
                                    [first, Insert($"c-{number}")],
                                    Token
                                );
                                head = Assert.IsType<TransactionResult.Committed>(result).ETags[0];
                            }
                        },
                        Token
                    )
                )
        );

        for (var writer = 0; writer < Writers; writer++)
        {
            var head = await Store.GetAsync(TableName.Data, $"{Partition}-{writer}", "head", Token);
            Assert.Equal(Writes - 1, head!.GetInt64("value"));
        }
    }

    [Fact]
    public async Task A_call_that_was_cancelled_before_does_nothing()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var cancelled = source.Token;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.SubmitAsync(TableName.Data, Partition, [Insert("row")], cancelled)
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.GetAsync(TableName.Data, Partition, "row", cancelled)
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var row in Store.QueryAsync(TableName.Data, Partition, new RowRange("a", "z"), null, cancelled)
            )
            {
                Assert.Fail($"Row {row.RowKey} came out of a cancelled query.");
            }
        });

        Assert.Null(await GetAsync("row"));
    }

    [Fact]
    public async Task A_query_ends_when_it_is_cancelled_on_its_way()
    {
        await CommitAsync(Insert("a"), Insert("b"), Insert("c"));
        using var source = new CancellationTokenSource();
        var seen = new List<string>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var rows = Store.QueryAsync(TableName.Data, Partition, new RowRange("a", "z"), null, Token);
            await foreach (var row in rows.WithCancellation(source.Token))
            {
                seen.Add(row.RowKey);
                await source.CancelAsync();
            }
        });

        Assert.Equal(["a"], seen);
    }

    private Task<TransactionResult> RaceAsync(int round, int racer, ETag eTag) =>
        Task.Run(() => SubmitAsync(Replace("head", eTag, round), Insert($"c-{round:D3}-{racer}", round)), Token);
}
