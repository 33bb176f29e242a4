namespace ServerlessSync.Core.Storage;

/// <summary>
/// The storage port, at the level of tables so that one layout and one set of concurrency rules serve Azure Table
/// Storage, Azurite, an embedded file and memory alike. Semantics are Azure's: rows of a partition are ordered by row
/// key (ordinal), an ETag changes with every write of its row, a transaction concerns one partition and happens whole or
/// not at all.
/// </summary>
/// <remarks>
/// Every implementation refuses what Azure would refuse (<see cref="TableLimits"/>) with <see cref="ArgumentException"/>
/// before any I/O. A failure of the store itself is a <see cref="StorageException"/>.
/// </remarks>
public interface ITableStore
{
    /// <summary>
    /// The same tables for work that no event of a client waits on, such as creating and deleting projects, snapshots, chunks of payloads
    /// and sweeps: with longer time-outs and more attempts of a read. A store without a network returns itself.
    /// </summary>
    ITableStore Background => this;

    /// <summary>One row, or null when there is none.</summary>
    Task<TableRow?> GetAsync(TableName table, string partitionKey, string rowKey, CancellationToken cancellationToken);

    /// <summary>
    /// Rows of a partition with <c>from &lt;= row key &lt; to</c> (ordinal), in order of their keys, whole or up to
    /// <paramref name="limit"/>. The rows need not be one consistent view: a row that is written while the query
    /// runs may be in it or not.
    /// </summary>
    IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Carries out the actions in one partition together, or none of them. Each row may occur once.
    /// The implementation does not repeat a transaction whose answer was lost: it throws a
    /// <see cref="StorageException"/> with <see cref="StorageException.OutcomeUnknown"/>, and the caller reads what became of it.
    /// </summary>
    Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    );
}
