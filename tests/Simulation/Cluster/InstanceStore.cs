using System.Runtime.CompilerServices;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The way of one process to the store, and all that can happen on it.</summary>
internal sealed class InstanceStore(World world, Instance instance) : ITableStore
{
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

    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
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

    private async Task FailAsync()
    {
        await Task.Delay(world.ServiceDice.Milliseconds(1, 2_000), world.Time);
        await instance.PassAsync();
        throw new StorageException("The answer did not come.", outcomeUnknown: true);
    }

    private async Task BeginAsync()
    {
        await instance.PassAsync();
        await Task.Delay(world.ServiceDice.Milliseconds(1, 6), world.Time);
        if (world.Faults.Strikes(FaultKind.StoreSlow))
        {
            await Task.Delay(world.ServiceDice.Milliseconds(50, 3_000), world.Time);
        }

        if (world.Faults.Strikes(FaultKind.StoreRefused))
        {
            await instance.PassAsync();
            throw new StorageException("The store is busy.", outcomeUnknown: false);
        }
    }

    private async Task EndAsync()
    {
        await Task.Delay(world.ServiceDice.Milliseconds(1, 4), world.Time);
        await instance.PassAsync();
    }
}
