using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>An open file: its writer and its readers.</summary>
internal sealed class SqliteSession(string path, int busySeconds) : IAsyncDisposable
{
    public SqliteWriter Writer { get; } = OpenWriter(path, busySeconds);

    public SqliteReaders Readers { get; } = new(path);

    public ValueTask DisposeAsync()
    {
        Readers.Close();
        return Writer.DisposeAsync();
    }

    private static SqliteWriter OpenWriter(string path, int busySeconds)
    {
        try
        {
            return new SqliteWriter(path, busySeconds);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The table file '{path}' cannot be opened.", outcomeUnknown: false, exception);
        }
    }
}
