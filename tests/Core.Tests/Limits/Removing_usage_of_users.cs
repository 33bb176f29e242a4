using Microsoft.Extensions.Time.Testing;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Core.Tests.Limits;

/// <summary>What the limits store of a user is personal data, and carries no information once all buckets are full again.</summary>
public sealed class Removing_usage_of_users
{
    private static readonly RateLimitOptions Options = new()
    {
        Writes = new BucketRule(10, 1),
        Creations = new BucketRule(5, 0.01),
        Imports = new BucketRule(1_000, 10),
    };

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2027, 4, 5, 8, 0, 0, TimeSpan.Zero));
    private readonly RowCounter store = new(new MemoryTableStore());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiLimiter Limiter => new(Options, store, time, observer: null);

    [Fact]
    public async Task A_user_whose_buckets_are_full_again_is_removed()
    {
        await Limiter.TakeCreationAsync("Hugo", 100, Token);
        await Limiter.TakeWriteAsync("Ines", Token);
        Assert.Equal(4, store.Rows);

        time.Advance(TimeSpan.FromSeconds(501));

        Assert.Equal(2, await Limiter.SweepAsync(Token));
        Assert.Equal(0, store.Rows);
    }

    [Fact]
    public async Task A_user_whose_buckets_are_not_full_is_kept_and_still_limited()
    {
        await Limiter.TakeCreationAsync("Hugo", 100, Token);
        time.Advance(TimeSpan.FromSeconds(400));
        for (var project = 0; project < 5; project++)
        {
            await Limiter.TakeCreationAsync("Hugo", 100, Token);
        }

        time.Advance(TimeSpan.FromSeconds(101));
        Assert.Equal(0, await Limiter.SweepAsync(Token));
        Assert.IsType<LimitVerdict.Refused>(await Take5Async());

        time.Advance(TimeSpan.FromSeconds(1_200));
        await Limiter.SweepAsync(Token);
        time.Advance(TimeSpan.FromSeconds(1_200));
        await Limiter.SweepAsync(Token);
        Assert.Equal(0, store.Rows);
    }

    [Fact]
    public async Task A_sweep_reads_no_user_before_an_entry_is_due()
    {
        await Limiter.TakeWriteAsync("Hugo", Token);
        time.Advance(TimeSpan.FromSeconds(499));
        var before = store.Reads;

        await Limiter.SweepAsync(Token);

        Assert.Equal(before, store.Reads);
        Assert.Equal(2, store.Rows);
    }

    [Fact]
    public async Task A_row_of_the_last_release_is_removed_after_its_next_write()
    {
        await Limiter.TakeWriteAsync("Hugo", Token);
        await store.StripAsync();

        await Limiter.TakeWriteAsync("Hugo", Token);
        time.Advance(TimeSpan.FromSeconds(501));
        await Limiter.SweepAsync(Token);

        Assert.Equal(0, store.Rows);
    }

    [Fact]
    public async Task A_user_who_makes_a_request_during_the_sweep_is_kept()
    {
        await Limiter.TakeWriteAsync("Hugo", Token);
        time.Advance(TimeSpan.FromSeconds(501));
        store.BeforeDelete = async () => await Limiter.TakeWriteAsync("Hugo", Token);

        Assert.Equal(0, await Limiter.SweepAsync(Token));

        time.Advance(TimeSpan.FromSeconds(501));
        Assert.Equal(1, await Limiter.SweepAsync(Token));
        Assert.Equal(0, store.Rows);
    }

    private async Task<LimitVerdict> Take5Async()
    {
        var verdict = LimitVerdict.Admitted;
        for (var project = 0; project < 5; project++)
        {
            verdict = await Limiter.TakeCreationAsync("Hugo", 1, Token);
        }

        return verdict;
    }

    /// <summary>A store that tracks which rows exist.</summary>
    private sealed class RowCounter(MemoryTableStore inner) : ITableStore
    {
        private readonly Dictionary<(string Partition, string Row), IReadOnlyDictionary<string, TableValue>> rows = [];

        public int Rows => rows.Count;

        public int Reads { get; private set; }

        public Func<Task>? BeforeDelete { get; set; }

        public Task<TableRow?> GetAsync(TableName table, string partitionKey, string rowKey, CancellationToken cancellationToken)
        {
            Reads++;
            return inner.GetAsync(table, partitionKey, rowKey, cancellationToken);
        }

        public IAsyncEnumerable<TableRow> QueryAsync(TableName table, string partitionKey, RowRange range, int? limit, CancellationToken cancellationToken) =>
            inner.QueryAsync(table, partitionKey, range, limit, cancellationToken);

        public async Task<TransactionResult> SubmitAsync(
            TableName table,
            string partitionKey,
            IReadOnlyList<TableAction> actions,
            CancellationToken cancellationToken
        )
        {
            if (actions is [TableAction.Delete] && BeforeDelete is { } hook)
            {
                BeforeDelete = null;
                await hook();
            }

            var result = await inner.SubmitAsync(table, partitionKey, actions, cancellationToken);
            if (result is TransactionResult.Committed)
            {
                foreach (var action in actions)
                {
                    Note(partitionKey, action);
                }
            }

            return result;
        }

        /// <summary>Turns the rows into those of the last release: without an index.</summary>
        public async Task StripAsync()
        {
            foreach (var ((partition, row), properties) in rows.ToList())
            {
                TableAction action = row is "usage"
                    ? new TableAction.Upsert(row, properties.Where(static pair => pair.Key is not "indexed").ToDictionary(StringComparer.Ordinal))
                    : new TableAction.Delete(row, IfMatch: null);
                await SubmitAsync(TableName.Users, partition, [action], Token);
            }
        }

        private void Note(string partition, TableAction action)
        {
            var key = (partition, action.RowKey);
            switch (action)
            {
                case TableAction.Insert insert:
                    rows[key] = insert.Properties;
                    break;
                case TableAction.Replace replace:
                    rows[key] = replace.Properties;
                    break;
                case TableAction.Upsert upsert:
                    rows[key] = upsert.Properties;
                    break;
                default:
                    rows.Remove(key);
                    break;
            }
        }
    }
}
