using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>
/// Tables in one file on a local disk: durable without a service. A transaction that was answered survives a crash and a
/// power cut. Several stores, also of several processes, may share a file; network file systems will not do.
/// </summary>
/// <remarks>
/// The file, and its directory, are made on first use. A file of a newer version of this program, or of another program, is
/// refused with a <see cref="StorageException"/> and left as it is.
/// </remarks>
public sealed class SqliteTableStore : ITableStore, IAsyncDisposable
{
    private readonly string path;
    private readonly int busySeconds;
    private readonly Lock gate = new();
    private SqliteSession? session;
    private bool isDisposed;

    /// <summary>Names the file; does not touch it yet.</summary>
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
    /// A cancellation counts until the transaction is begun; from then on the answer is awaited, which takes milliseconds,
    /// or at most 5 seconds when another process holds the file.
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

    /// <summary>Carries out what has been submitted, moves the log into the file and closes it.</summary>
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
