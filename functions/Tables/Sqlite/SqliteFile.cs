using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>Creates and opens the file of a <see cref="SqliteTableStore"/>: its settings and its schema.</summary>
internal static class SqliteFile
{
    /// <summary>The schema version that this code writes, in the file's <c>user_version</c>.</summary>
    public const long SchemaVersion = 1;

    /// <summary>Identifies our files in <c>application_id</c>: "SSyn".</summary>
    public const long ApplicationId = 0x5353_796E;

    /// <summary>How long a statement waits for another process that is writing. A commit takes milliseconds.</summary>
    public const int BusySeconds = 5;

    /// <summary>Opens the file for the writer; creates it and its directory when they do not exist.</summary>
    public static SqliteConnection OpenWriter(string path, int busySeconds = BusySeconds)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var connection = Connect(path, SqliteOpenMode.ReadWriteCreate, busySeconds);
        try
        {
            // Keys compare by their bytes in the file's encoding. In big-endian UTF-16 that is the ordinal order of .NET
            // and Azure; in UTF-8 it would differ beyond the basic plane. Has no effect on a file with content.
            Execute(connection, "PRAGMA encoding = 'UTF-16be'");
            bool known;
            using (connection.BeginTransaction(deferred: true))
            {
                // In one transaction: another process may create the schema between two of its reads.
                known = CheckOwner(connection, path);
            }

            Execute(connection, "PRAGMA journal_mode = WAL");

            // FULL syncs the log at every commit, so that a confirmed commit survives a power failure.
            Execute(connection, "PRAGMA synchronous = FULL");
            Execute(connection, "PRAGMA journal_size_limit = 67108864");
            if (!known)
            {
                CreateSchema(connection, path);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file, which the writer has created, for reading.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Connect(path, SqliteOpenMode.ReadWrite, BusySeconds);
        Execute(connection, "PRAGMA query_only = 1");
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a literal or a number.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode, int busySeconds)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = busySeconds,
        };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();

            // SQLite's own wait starts at one millisecond; the driver's would sleep 150 at a time.
            Execute(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {busySeconds * 1000}")
            );
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the file has our schema: false for an empty file; throws for a foreign or newer one. Changes nothing.
    /// </summary>
    private static bool CheckOwner(SqliteConnection connection, string path)
    {
        // The schema first: reading a pragma alone does not start the snapshot of a transaction.
        var objects = ReadNumber(connection, "SELECT count(*) FROM sqlite_master");
        var application = ReadNumber(connection, "PRAGMA application_id");
        var version = ReadNumber(connection, "PRAGMA user_version");
        if (application == 0 && version == 0 && objects == 0)
        {
            return false;
        }

        if (application != ApplicationId)
        {
            throw new StorageException($"'{path}' is the database of another program.", outcomeUnknown: false);
        }

        return version <= SchemaVersion
            ? true
            : throw new StorageException(
                $"'{path}' has schema version {version}; this program supports versions up to {SchemaVersion}. Use a newer one.",
                outcomeUnknown: false
            );
    }

    private static void CreateSchema(SqliteConnection connection, string path)
    {
        using var transaction = connection.BeginTransaction(deferred: false);

        // Another process may have created the schema since the check.
        if (!CheckOwner(connection, path))
        {
            // Rows can be large, so they have a table of their own and the keys are in an index. The counter outlives rows:
            // a row that is created again must not get an ETag of its predecessor.
            Execute(
                connection,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    CREATE TABLE entity (
                        id INTEGER PRIMARY KEY,
                        table_name TEXT NOT NULL,
                        partition_key TEXT NOT NULL,
                        row_key TEXT NOT NULL,
                        version INTEGER NOT NULL,
                        properties BLOB NOT NULL
                    );
                    CREATE UNIQUE INDEX entity_key ON entity (table_name, partition_key, row_key);
                    CREATE TABLE counter (version INTEGER NOT NULL);
                    INSERT INTO counter VALUES (0);
                    PRAGMA application_id = {ApplicationId};
                    PRAGMA user_version = {SchemaVersion};
                    """
                )
            );
        }

        transaction.Commit();
    }

    private static long ReadNumber(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a literal.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
