using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>
/// A transaction on its way to the writer. The caller can withdraw it until the writer begins; after that the answer takes
/// milliseconds and reports the outcome, so a cancellation no longer counts.
/// </summary>
internal sealed class PendingTransaction(TableName table, string partitionKey, IReadOnlyList<TableAction> actions)
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Withdrawn = 2;

    private readonly TaskCompletionSource<TransactionResult> result = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    private int state = Waiting;

    public TableName Table { get; } = table;

    public string PartitionKey { get; } = partitionKey;

    public IReadOnlyList<TableAction> Actions { get; } = actions;

#pragma warning disable VSTHRD003 // The writer's loop completes it without needing the waiting thread.
    public Task<TransactionResult> WaitAsync() => result.Task;
#pragma warning restore VSTHRD003

    /// <summary>Called by the writer; false when the caller withdrew the transaction.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref state, Begun, Waiting) == Waiting;

    public void Withdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref state, Withdrawn, Waiting) == Waiting)
        {
            result.TrySetCanceled(cancellationToken);
        }
    }

    public void Complete(TransactionResult outcome) => result.TrySetResult(outcome);

    public void Fail(Exception exception) => result.TrySetException(exception);
}
