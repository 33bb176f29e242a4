using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Sequencing;

/// <summary>A store with a latency, and with hooks at the points where a rival or a fault can come in.</summary>
internal sealed class FaultyStore(ITableStore inner, TimeProvider time) : ITableStore
{
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Asked before each transaction; may do something first, or make it fail.</summary>
    public Func<IReadOnlyList<TableAction>, Task<StoreFault?>> BeforeSubmit { get; set; } =
        static _ => Task.FromResult<StoreFault?>(null);

    /// <summary>Called before each query.</summary>
    public Func<RowRange, Task> BeforeQuery { get; set; } = static _ => Task.CompletedTask;

    public bool IsDown { get; set; }

    public int Transactions { get; private set; }

    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        await WaitAsync(cancellationToken);
        return await inner.GetAsync(table, partitionKey, rowKey, cancellationToken);
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await WaitAsync(cancellationToken);
        await BeforeQuery(range);
        await foreach (var row in inner.QueryAsync(table, partitionKey, range, limit, cancellationToken))
        {
            yield return row;
        }
    }

    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        await WaitAsync(cancellationToken);
        Transactions++;
        switch (await BeforeSubmit(actions))
        {
            case StoreFault.Refused:
                throw new StorageException("busy", outcomeUnknown: false);
            case StoreFault.LostRequest:
                throw new StorageException("no answer", outcomeUnknown: true);
            case StoreFault.LostAnswer:
                await inner.SubmitAsync(table, partitionKey, actions, cancellationToken);
                throw new StorageException("no answer", outcomeUnknown: true);
            default:
                return await inner.SubmitAsync(table, partitionKey, actions, cancellationToken);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, time, cancellationToken);
        if (IsDown)
        {
            throw new StorageException("down", outcomeUnknown: false);
        }
    }
}

internal enum StoreFault
{
    Refused,
    LostRequest,
    LostAnswer,
}
