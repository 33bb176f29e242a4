using System.Runtime.CompilerServices;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The way of one process to the store, and all that can happen on it.</summary>
internal sealed class InstanceStore(World world, Instance instance) : ITableStore
{
    /// <summary>
    /// An event is not asked about for its first second (SequencerOptions.LateAfter), on a clock that may be 0.4 s off, and a slow
    /// store may hold its batch up for 3 s between asking and appending.
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
                // The next page: what is written between two of them may be seen.
                await BeginAsync();
            }

            yield return row;
        }

        await EndAsync();
    }

    /// <summary>A stored state that is being read: one at a time in a process (LoadingGate).</summary>
    private sealed class Reading(Instance instance) : IDisposable
    {
        public static Reading? Begin(World world, Instance instance, string partition, RowRange range, int? limit)
        {
            // All rows of one payload (RowKeys.Chunks), and not for removing some of them. Parts of archives are small (ArchiveLimits.PartBytesMax).
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
    /// What is appended now was decided just now: its authors must be there, or have been a moment ago. A process that stood still
    /// between asking for them and this does not know better.
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
                    $"instance {instance.Number} commits {entry.Revision} of {entry.Origin}, which is gone since {gone.TotalSeconds:F3} s"
                );
            }
        }
    }

    private async Task FailAsync()
    {
        await Task.Delay(world.Faults.Take(world.ServiceDice.Milliseconds(1, 2_000)), world.Time);
        await instance.PassAsync();
        instance.Troubles++;
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
            instance.Troubles++;
            throw new StorageException("The store is busy.", outcomeUnknown: false);
        }
    }

    private async Task EndAsync()
    {
        await Task.Delay(world.ServiceDice.Milliseconds(1, 4), world.Time);
        await instance.PassAsync();
    }
}
