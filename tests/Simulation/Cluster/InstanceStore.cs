using System.Runtime.CompilerServices;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The path of one instance to the store, with its faults.</summary>
internal sealed class InstanceStore(World world, Instance instance) : ITableStore
{
    /// <summary>
    /// The author of an event is not checked for the first second (SequencerOptions.LateAfter), on a clock that may be off (InstanceClock), and a slow store
    /// may delay the batch for 3 s between the check and the append. The rest is latency.
    /// </summary>
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(4.5);

    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        await BeginAsync();
        var row = await world.Vault.GetAsync(table, partitionKey, rowKey, cancellationToken);
        await EndAsync();
        return row;
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var reading = Reading.Begin(world, instance, partitionKey, range, limit);
        await BeginAsync();
        await foreach (var row in world.Vault.QueryAsync(table, partitionKey, range, limit, cancellationToken))
        {
            if (world.ServiceDice.Chance(0.05))
            {
                // A page of a query ends here. The next one may include rows that are written in between.
                await BeginAsync();
            }

            yield return row;
        }

        await EndAsync();
    }

    /// <summary>P8: an instance reads one stored state at a time (LoadingGate).</summary>
    private sealed class Reading(Instance instance) : IDisposable
    {
        public static Reading? Begin(World world, Instance instance, string partition, RowRange range, int? limit)
        {
            // Only queries for all rows of one payload (RowKeys.Chunks) count. Parts of archives are small (ArchiveLimits.PartBytesMax).
            if (limit is not null || partition.StartsWith("archive-", StringComparison.Ordinal) || !string.Equals(range.To, range.From + ".", StringComparison.Ordinal))
            {
                return null;
            }

            if (++instance.Reading > 1)
            {
                world.Violate("P8 bounded", $"instance {instance.Number} reads {instance.Reading} stored states at the same time");
            }

            return new Reading(instance);
        }

        public void Dispose() => instance.Reading--;
    }

    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        CheckAuthors(table, partitionKey, actions);
        await BeginAsync();
        switch (
            world.Faults.Strike(FaultKind.StoreLostRequest, FaultKind.StoreLostAnswer, FaultKind.StoreLateRequest)
        )
        {
            case FaultKind.StoreLostRequest:
                await FailAsync();
                break;
            case FaultKind.StoreLostAnswer:
                await world.Vault.SubmitAsync(table, partitionKey, actions, cancellationToken);
                await FailAsync();
                break;
            case FaultKind.StoreLateRequest:
                world.After(
                    world.ServiceDice.Milliseconds(1, 4_000),
                    () => world.Vault.SubmitLate(table, partitionKey, actions)
                );
                await FailAsync();
                break;
            default:
                break;
        }

        var result = await world.Vault.SubmitAsync(table, partitionKey, actions, cancellationToken);
        await EndAsync();
        return result;
    }

    /// <summary>
    /// P6: the authors of an appended batch were connected shortly before. An instance that froze between the check and the append is
    /// excused.
    /// </summary>
    private void CheckAuthors(TableName table, string partition, IReadOnlyList<TableAction> actions)
    {
        var rows = actions
            .OfType<TableAction.Insert>()
            .Where(insert => table == TableName.Data && insert.RowKey.StartsWith("c-", StringComparison.Ordinal))
            .Select(insert => new TableRow(partition, insert.RowKey, new ETag("sent"), insert.Properties))
            .ToList();
        if (rows.Count == 0)
        {
            return;
        }

        foreach (var entry in CommitCodec.FromRows(rows).Entries)
        {
            if (
                world.Service.GoneSince(entry.Origin.Connection) is { } gone
                && world.Time.Elapsed - gone > LateMax
                && !instance.WasFrozenSince(gone)
            )
            {
                world.Violate(
                    "P6 no silence",
                    $"instance {instance.Number} commits {entry.Revision} of {entry.Origin}, which has been gone since {gone.TotalSeconds:F3} s"
                );
            }
        }
    }

    private async Task FailAsync()
    {
        await Task.Delay(world.Faults.Take(world.ServiceDice.Milliseconds(1, 2_000)), world.Time);
        await instance.PassAsync();
        instance.FailedCalls++;
        throw new StorageException("The answer did not come.", outcomeUnknown: true);
    }

    private async Task BeginAsync()
    {
        await instance.PassAsync();
        await Task.Delay(world.ServiceDice.Milliseconds(1, 6), world.Time);
        if (world.Faults.Strikes(FaultKind.StoreSlow))
        {
            await Task.Delay(world.Faults.Take(world.ServiceDice.Milliseconds(50, 3_000)), world.Time);
        }

        if (world.Faults.Strikes(FaultKind.StoreRefused))
        {
            await instance.PassAsync();
            instance.FailedCalls++;
            throw new StorageException("The store is busy.", outcomeUnknown: false);
        }
    }

    private async Task EndAsync()
    {
        await Task.Delay(world.ServiceDice.Milliseconds(1, 4), world.Time);
        await instance.PassAsync();
    }
}
