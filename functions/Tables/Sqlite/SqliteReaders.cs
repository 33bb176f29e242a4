using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>The read connections, which a writer never blocks. Few, so that reads occupy few threads of the pool.</summary>
internal sealed class SqliteReaders
{
    private readonly string path;
    private readonly Channel<SqliteReader> idle = Channel.CreateUnbounded<SqliteReader>();

    public SqliteReaders(string path)
    {
        this.path = path;

        // The file is mostly cached, so reads are bound by the processor.
        var connections = Math.Clamp(Environment.ProcessorCount, 2, 8);
        for (var made = 0; made < connections; made++)
        {
            idle.Writer.TryWrite(new SqliteReader(path));
        }
    }

    /// <summary>Runs a read on the thread pool, because SQLite calls are synchronous.</summary>
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

    /// <summary>Rejects new reads. A read that is running completes and then closes its connection.</summary>
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
            // The connection itself may be the cause.
            reader.Close();
            throw new StorageException($"Reading '{path}' failed.", outcomeUnknown: false, exception);
        }
    }
}
