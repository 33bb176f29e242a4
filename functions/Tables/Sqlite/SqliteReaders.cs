using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>The connections that read; a writer never blocks them. Few, so that reads take few threads of the pool.</summary>
internal sealed class SqliteReaders
{
    private readonly string path;
    private readonly Channel<SqliteReader> idle = Channel.CreateUnbounded<SqliteReader>();

    public SqliteReaders(string path)
    {
        this.path = path;

        // Reading is work for a core, since the file is mostly in memory.
        var connections = Math.Clamp(Environment.ProcessorCount, 2, 8);
        for (var made = 0; made < connections; made++)
        {
            idle.Writer.TryWrite(new SqliteReader(path));
        }
    }

    /// <summary>Runs a read on a thread of the pool, for the calls of SQLite are synchronous.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteReader, T> read, CancellationToken cancellationToken)
    {
        SqliteReader reader;
        try
        {
            reader = await idle.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The table file is closed.", exception);
        }

        try
        {
            return await Task.Run(() => Read(reader, read), cancellationToken);
        }
        finally
        {
            if (!idle.Writer.TryWrite(reader))
            {
                reader.Close();
            }
        }
    }

    /// <summary>Lets nobody in any more. A read that runs goes on and then closes its connection.</summary>
    public void Close()
    {
        idle.Writer.TryComplete();
        while (idle.Reader.TryRead(out var reader))
        {
            reader.Close();
        }
    }

    private T Read<T>(SqliteReader reader, Func<SqliteReader, T> read)
    {
        try
        {
            return read(reader);
        }
        catch (SqliteException exception)
        {
            // The connection may be the cause.
            reader.Close();
            throw new StorageException($"Reading '{path}' failed.", outcomeUnknown: false, exception);
        }
    }
}
