using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// A user's recent changes and existing projects, over all instances: one row of buckets per user, and one row per
/// project that the user created. Table <c>users</c>, one partition per user. A row whose buckets
/// are full again carries no information and is removed by <see cref="SweepAsync"/>.
/// </summary>
internal sealed class UserLedger
{
    private const string UsageRow = "usage";
    private const string MadePrefix = "made-";
    private const long Format = 1;

    /// <summary>
    /// Concurrent requests of one user race for the row; a request that loses every attempt is refused as one too many.
    /// </summary>
    private static readonly OptimisticWrite Races = new();

    /// <summary>Set in rows that have an entry in <see cref="UsageIndex"/>. Rows of the last release get one at their next write.</summary>
    private const string IndexedColumn = "indexed";

    /// <summary>The most entries that one sweep handles: some seconds of sequential requests.</summary>
    private const int SweptMax = 500;

    /// <summary>Concurrent point reads when projects are recounted.</summary>
    private const int ParallelMax = 16;

    private static readonly string[] Columns = ["writes", "creations", "imports"];
    private static readonly LimitKind[] Kinds = [LimitKind.Writes, LimitKind.Creations, LimitKind.Imports];

    private readonly RateLimitOptions options;
    private readonly ITableStore store;
    private readonly TimeProvider time;
    private readonly BucketSet buckets;
    private readonly UsageIndex usage;
    private readonly TimeSpan longest;

    public UserLedger(RateLimitOptions options, ITableStore store, TimeProvider time)
    {
        this.options = options;
        this.store = store;
        this.time = time;
        buckets = new BucketSet(options.Writes, options.Creations, options.Imports);
        usage = new UsageIndex(store);
        longest = new[] { options.Writes, options.Creations, options.Imports }.Max(static rule => rule.FillTime);
    }

    public Task<(LimitKind, LimitVerdict.Refused)?> TakeWriteAsync(string user, CancellationToken cancellationToken) =>
        TakeAsync(user, [1, 0, 0], cancellationToken);

    public async Task<(LimitKind, LimitVerdict.Refused)?> TakeCreationAsync(string user, long bytes, CancellationToken cancellationToken) =>
        await TakeAsync(user, [1, 1, bytes], cancellationToken) is { } refused ? refused
        : await IsAtLimitAsync(user, cancellationToken)
            ? (
                LimitKind.Projects,
                new LimitVerdict.Refused(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"You have created {options.ProjectsMax} projects, which is the limit; delete one of them first"
                    ),
                    RetryAfter: null
                )
            )
        : null;

    /// <summary>Removes the usage rows of users whose buckets are full again. A timer calls it.</summary>
    /// <returns>The number of rows removed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var (key, user) in await usage.ReadDueAsync(time.GetUtcNow(), SweptMax, cancellationToken))
        {
            var row = await store.GetAsync(TableName.Users, user, UsageRow, cancellationToken);
            if (row is not null && Read(row).Max() is var fullAt && fullAt > time.GetUtcNow().Ticks)
            {
                await usage.AddAsync(user, new DateTimeOffset(fullAt, TimeSpan.Zero), cancellationToken);
            }
            else if (row is not null)
            {
                var remove = new TableAction.Delete(UsageRow, row.ETag);
                if (await store.SubmitAsync(TableName.Users, user, [remove], cancellationToken) is not TransactionResult.Committed)
                {
                    // The user made a request meanwhile, so the row changed. The entry stays for the next sweep.
                    continue;
                }

                removed++;
            }

            await usage.RemoveAsync(key, cancellationToken);
        }

        return removed;
    }

    public Task CountProjectAsync(string user, ProjectId project, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Users,
            PartitionOf(user),
            [
                new TableAction.Insert(
                    MadePrefix + project.Key,
                    new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Format, ["id"] = project.Id.ToJson() }
                ),
            ],
            cancellationToken
        );

    /// <summary>A hash, because a name can be too long for a key.</summary>
    private static string PartitionOf(string user) => $"u-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)))}";

    private async Task<(LimitKind, LimitVerdict.Refused)?> TakeAsync(string user, long[] costs, CancellationToken cancellationToken)
    {
        (LimitKind, LimitVerdict.Refused)? refused = null;
        var isDecided = await Races.TryAsync(
            async () =>
            {
                var row = await store.GetAsync(TableName.Users, PartitionOf(user), UsageRow, cancellationToken);
                var fullAt = Read(row);
                var now = time.GetUtcNow().Ticks;
                var wait = buckets.WaitFor(fullAt, costs, now);
                if (wait.Time > TimeSpan.Zero)
                {
                    refused = (Kinds[wait.Bucket], LimitVerdict.Wait(Kinds[wait.Bucket], wait.Time));
                    return true;
                }

                buckets.Take(fullAt, costs, now);
                if (row?.GetInt64(IndexedColumn) is null)
                {
                    await usage.AddAsync(PartitionOf(user), new DateTimeOffset(now, TimeSpan.Zero) + longest, cancellationToken);
                }

                return await WriteAsync(user, row, fullAt, cancellationToken);
            },
            cancellationToken
        );
        return isDecided ? refused : (LimitKind.Writes, LimitVerdict.Wait(LimitKind.Writes, TimeSpan.FromSeconds(1)));
    }

    private async Task<bool> WriteAsync(string user, TableRow? row, long[] fullAt, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Format, [IndexedColumn] = 1 };
        for (var index = 0; index < Columns.Length; index++)
        {
            properties[Columns[index]] = fullAt[index];
        }

        TableAction write = row is null
            ? new TableAction.Insert(UsageRow, properties)
            : new TableAction.Replace(UsageRow, properties, row.ETag);
        return await store.SubmitAsync(TableName.Users, PartitionOf(user), [write], cancellationToken) is TransactionResult.Committed;
    }

    private static long[] Read(TableRow? row)
    {
        var fullAt = new long[Columns.Length];
        if (row is null)
        {
            return fullAt;
        }

        StoredFormat.Check(row, Format);
        for (var index = 0; index < Columns.Length; index++)
        {
            fullAt[index] = row.GetInt64(Columns[index]) ?? 0;
        }

        return fullAt;
    }

    private async Task<bool> IsAtLimitAsync(string user, CancellationToken cancellationToken)
    {
        var made = new List<TableRow>();
        await foreach (
            var row in store.QueryAsync(
                TableName.Users,
                PartitionOf(user),
                RowRange.Prefix(MadePrefix),
                options.ProjectsMax,
                cancellationToken
            )
        )
        {
            made.Add(row);
        }

        if (made.Count < options.ProjectsMax)
        {
            return false;
        }

        // A deletion does not update its creator's count. Recount only here, where the count decides.
        var forgotten = 0;
        foreach (var batch in made.Chunk(ParallelMax))
        {
            forgotten += (await Task.WhenAll(batch.Select(row => ForgetIfGoneAsync(row, cancellationToken)))).Count(static isGone => isGone);
        }

        return forgotten == 0;
    }

    private async Task<bool> ForgetIfGoneAsync(TableRow row, CancellationToken cancellationToken)
    {
        using var id = JsonDocument.Parse(row.GetString("id") ?? "null");
        if (
            JsonId.TryRead(id.RootElement, out var project)
            && await new ProjectLog(store, new ProjectId(project)).ReadHeadAsync(cancellationToken) is { Value.IsDeleted: false }
        )
        {
            return false;
        }

        await store.SubmitAsync(TableName.Users, row.PartitionKey, [new TableAction.Delete(row.RowKey, row.ETag)], cancellationToken);
        return true;
    }
}
