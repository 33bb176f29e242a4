using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>
/// Tables in one file on a local disk: durable without a service. A confirmed transaction survives a crash and a power
/// failure. Several stores, also in several processes, may share a file. Network file systems are not supported.
/// </summary>
/// <remarks>
/// The file and its directory are created on first use. A file of a newer version of this program, or of another
/// program, is refused with a <see cref="StorageException"/> and left unchanged.
/// </remarks>
public sealed class SqliteTableStore : ITableStore, IAsyncDisposable
{
    private readonly string path;
    private readonly int busySeconds;
    private readonly Lock gate = new();
    private SqliteSession? session;
    private bool isDisposed;

    /// <summary>Names the file without opening it.</summary>
    /// <param name="path">The file, relative to the working directory or absolute.</param>
    public SqliteTableStore(string path)
        : this(path, SqliteFile.BusySeconds) { }

    internal SqliteTableStore(string path, int busySeconds)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        this.path = Path.GetFullPath(path);
        this.busySeconds = busySeconds;
    }

    /// <inheritdoc/>
    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        TableLimits.CheckKey(partitionKey, nameof(partitionKey));
        TableLimits.CheckKey(rowKey, nameof(rowKey));
        var open = await OpenAsync(cancellationToken);
        return await open.Readers.ReadAsync(reader => reader.Find(table, partitionKey, rowKey), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        TableLimits.CheckQuery(partitionKey, range, limit);
        return PagedQuery.RowsAsync(
            range,
            limit,
            async (rest, rowsMax, token) =>
            {
                var open = await OpenAsync(token);
                return await open.Readers.ReadAsync(
                    reader => reader.ReadPage(table, partitionKey, rest, rowsMax, token),
                    token
                );
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A cancellation counts until the transaction begins. From then on the outcome is awaited, which takes milliseconds,
    /// or at most 5 seconds while another process holds the file.
    /// </remarks>
    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(actions);
        TableLimits.Check(partitionKey, actions);
        cancellationToken.ThrowIfCancellationRequested();
        var open = await OpenAsync(cancellationToken);
        return await open.Writer.SubmitAsync(new PendingTransaction(table, partitionKey, actions), cancellationToken);
    }

    /// <summary>Completes the submitted transactions, moves the log into the file and closes it.</summary>
    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isDisposed = true;
            var open = session;
            session = null;
            return open?.DisposeAsync() ?? ValueTask.CompletedTask;
        }
    }

    private async Task<SqliteSession> OpenAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref session) ?? await Task.Run(Open, cancellationToken);

    private SqliteSession Open()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return session ??= new SqliteSession(path, busySeconds);
        }
    }
}
