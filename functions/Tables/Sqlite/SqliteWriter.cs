using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>
/// The one writer of a process. Transactions queue up and go to the file in groups, each group with one commit and so
/// one wait for the disk: many projects that commit at once share it.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Transactions that wait at most; further callers wait to be let in.</summary>
    private const int QueueMax = 1024;

    /// <summary>Transactions that share a commit at most, so that none waits long for its neighbours.</summary>
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

    /// <summary>Finishes what is queued, moves the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
#pragma warning disable VSTHRD003 // Nothing here has a thread that the loop could need.
        await loop;
#pragma warning restore VSTHRD003
        statements.Dispose();
        try
        {
            SqliteFile.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // All commits are in the log and durable; whoever opens the file next moves them.
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
#pragma warning disable CA1031 // Whatever went wrong, the callers wait for an answer and the loop must go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            TryRollBack();

            // A commit that failed may be in the log all the same, whole: the failure may have been the disk's answer.
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

            // No row occurs twice, so nothing that this transaction writes can change a later answer: one that cannot be
            // carried out has written nothing when that is found.
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

    /// <summary>A roll-back that fails leaves a connection on which the next group fails too, and says so.</summary>
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
