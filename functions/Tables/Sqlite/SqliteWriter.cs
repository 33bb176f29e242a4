using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>
/// The single writer of a process. Transactions queue up and are committed in groups, so that many projects that commit at
/// once share one wait for the disk.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>The most transactions that wait; further callers wait for a place in the queue.</summary>
    private const int QueueMax = 1024;

    /// <summary>The most transactions in one commit, so that none waits long for the others.</summary>
    private const int GroupMax = 128;

    private readonly string path;
    private readonly SqliteConnection connection;
    private readonly WriterStatements statements;
    private readonly Task loop;

    private readonly Channel<PendingTransaction> queue = Channel.CreateBounded<PendingTransaction>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true }
    );

    public SqliteWriter(string path, int busySeconds)
    {
        this.path = path;
        connection = SqliteFile.OpenWriter(path, busySeconds);
        statements = new WriterStatements(connection);
        loop = Task.Run(RunAsync);
    }

    public async Task<TransactionResult> SubmitAsync(
        PendingTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await queue.Writer.WriteAsync(transaction, cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The table file is closed.", exception);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingTransaction)state!).Withdraw(token),
            transaction
        );
        return await transaction.WaitAsync();
    }

    /// <summary>Completes the queued transactions, moves the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
#pragma warning disable VSTHRD003 // The loop does not depend on this thread.
        await loop;
#pragma warning restore VSTHRD003
        statements.Dispose();
        try
        {
            SqliteFile.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // All commits are in the log and durable; the next process that opens the file moves them.
        }

        await connection.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var group = new List<PendingTransaction>(GroupMax);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (group.Count < GroupMax && queue.Reader.TryRead(out var transaction))
            {
                if (transaction.TryBegin())
                {
                    group.Add(transaction);
                }
            }

            if (group.Count > 0)
            {
                Commit(group);
                group.Clear();
            }
        }
    }

    private void Commit(List<PendingTransaction> group)
    {
        var isCommitting = false;
        try
        {
            statements.Begin();
            var before = statements.ReadCounter();
            var version = before;
            var results = group.ConvertAll(transaction => Apply(transaction, ref version));
            if (version != before)
            {
                statements.WriteCounter(version);
            }

            isCommitting = version != before;
            statements.Commit();
            for (var index = 0; index < group.Count; index++)
            {
                group[index].Complete(results[index]);
            }
        }
#pragma warning disable CA1031 // Whatever the failure, the callers need an answer and the loop must continue.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            TryRollBack();

            // A failed commit may still be in the log as a whole: only the confirmation of the disk may have failed.
            foreach (var transaction in group)
            {
                transaction.Fail(
                    new StorageException(
                        $"Writing partition '{transaction.PartitionKey}' of '{transaction.Table}' in '{path}' failed.",
                        outcomeUnknown: isCommitting,
                        exception
                    )
                );
            }
        }
    }

    private TransactionResult Apply(PendingTransaction transaction, ref long version)
    {
        var actions = transaction.Actions;
        var ids = new long?[actions.Count];
        for (var index = 0; index < actions.Count; index++)
        {
            var found = statements.Find(transaction, actions[index].RowKey);
            ids[index] = found?.Id;
            ETag? current = found is { } row ? SqliteReader.ETagOf(row.Version) : null;

            // A transaction touches each row once, so its own writes cannot change a later check, and a conflict is found
            // before anything is written.
            if (Conflicts.Of(actions[index], current) is { } reason)
            {
                return new TransactionResult.Conflict(index, reason);
            }
        }

        version++;
        var eTags = new ETag?[actions.Count];
        for (var index = 0; index < actions.Count; index++)
        {
            statements.Apply(transaction, actions[index], ids[index], version);
            eTags[index] = actions[index] is TableAction.Delete ? null : SqliteReader.ETagOf(version);
        }

        return new TransactionResult.Committed(eTags);
    }

    /// <summary>Rolls back. When that fails, the next group on this connection fails too and reports it.</summary>
    private void TryRollBack()
    {
        try
        {
            statements.RollBack();
        }
        catch (SqliteException)
        {
            // The failure that led here is the one to report.
        }
    }
}
