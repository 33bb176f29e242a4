using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>A store with a latency, and with hooks at the points where a rival or a fault can come in.</summary>
internal sealed class FaultyStore(ITableStore inner, TimeProvider time) : ITableStore
{
    private readonly List<Task<TransactionResult>> late = [];

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How late a <see cref="StoreFault.LateRequest"/> is.</summary>
    private static readonly TimeSpan LateBy = TimeSpan.FromSeconds(2);

    /// <summary>When its caller gives it up: between the quiet time of a heal and the renewal of a lease, which would overtake it.</summary>
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromMilliseconds(800);

    /// <summary>Asked before each transaction; may do something first, or make it fail.</summary>
    public Func<IReadOnlyList<TableAction>, Task<StoreFault?>> BeforeSubmit { get; set; } =
        static _ => Task.FromResult<StoreFault?>(null);

    /// <summary>Called before each query.</summary>
    public Func<RowRange, Task> BeforeQuery { get; set; } = static _ => Task.CompletedTask;

    public bool IsDown { get; set; }

    public int Transactions { get; private set; }

    /// <summary>Requests of any kind.</summary>
    public int Calls { get; private set; }

    /// <summary>Rows that were asked for one by one.</summary>
    public int PointReads { get; private set; }

    public int Queries { get; private set; }

    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        PointReads++;
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
        Queries++;
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
            case StoreFault.LateRequest:
                late.Add(SubmitLateAsync(table, partitionKey, actions));
                await Task.Delay(GivenUpAfter, time, cancellationToken);
                throw new StorageException("no answer", outcomeUnknown: true);
            default:
                return await inner.SubmitAsync(table, partitionKey, actions, cancellationToken);
        }
    }

    /// <summary>What became of the transactions that came late.</summary>
    public Task<TransactionResult[]> LateResultsAsync() => Task.WhenAll(late);

    private async Task<TransactionResult> SubmitLateAsync(TableName table, string partitionKey, IReadOnlyList<TableAction> actions)
    {
        await Task.Delay(LateBy, time);
        return await inner.SubmitAsync(table, partitionKey, actions, CancellationToken.None);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        Calls++;
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

    /// <summary>Carried out, if its conditions hold then, after its caller has given it up.</summary>
    LateRequest,
}
