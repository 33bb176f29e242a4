namespace ServerlessSync.Core.Storage;

/// <summary>
/// The storage port. It works at the level of tables, so that one layout and one set of concurrency rules serve Azure
/// Table Storage, Azurite, an embedded file and memory. Semantics are Azure's: rows of a partition are ordered by row
/// key (ordinal), every write of a row changes its ETag, and a transaction is atomic within one partition.
/// </summary>
/// <remarks>
/// Every implementation rejects what Azure would reject (<see cref="TableLimits"/>) with
/// <see cref="ArgumentException"/> before any I/O. A failure of the store itself is a <see cref="StorageException"/>.
/// </remarks>
public interface ITableStore
{
    /// <summary>
    /// The same tables with longer timeouts and more read attempts, for work on which no client event waits: creating
    /// and deleting projects, snapshots, chunks of payloads, sweeps. A store without a network returns itself.
    /// </summary>
    ITableStore Background => this;

    /// <summary>One row, or null when there is none.</summary>
    Task<TableRow?> GetAsync(TableName table, string partitionKey, string rowKey, CancellationToken cancellationToken);

    /// <summary>
    /// Rows of a partition with <c>from &lt;= row key &lt; to</c> (ordinal), in order of their keys; all of them, or
    /// the first <paramref name="limit"/>. The result is no consistent snapshot: it may or may not contain a row that
    /// is written while the query runs.
    /// </summary>
    IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Executes the actions in one partition atomically. Each row may occur once. Implementations do not retry a
    /// transaction whose response was lost: they throw a <see cref="StorageException"/> with
    /// <see cref="StorageException.OutcomeUnknown"/>, and the caller reads the outcome.
    /// </summary>
    Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    );
}
