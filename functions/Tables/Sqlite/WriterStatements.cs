using System.Diagnostics;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;
using SQLitePCL;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>The prepared statements of the one connection that writes.</summary>
internal sealed class WriterStatements : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand readCounter;
    private readonly SqliteCommand writeCounter;
    private readonly SqliteCommand find;
    private readonly SqliteCommand insert;
    private readonly SqliteCommand update;
    private readonly SqliteCommand delete;

    public WriterStatements(SqliteConnection connection)
    {
        this.connection = connection;
        begin = Statement.Prepare(connection, "BEGIN IMMEDIATE");
        commit = Statement.Prepare(connection, "COMMIT");
        readCounter = Statement.Prepare(connection, "SELECT version FROM counter");
        writeCounter = Statement.Prepare(connection, "UPDATE counter SET version = $version", "$version");
        find = Statement.Prepare(
            connection,
            "SELECT id, version FROM entity WHERE table_name = $table AND partition_key = $partition AND row_key = $row",
            "$table",
            "$partition",
            "$row"
        );
        insert = Statement.Prepare(
            connection,
            """
            INSERT INTO entity (table_name, partition_key, row_key, version, properties)
            VALUES ($table, $partition, $row, $version, $properties)
            """,
            "$table",
            "$partition",
            "$row",
            "$version",
            "$properties"
        );
        update = Statement.Prepare(
            connection,
            "UPDATE entity SET version = $version, properties = $properties WHERE id = $id",
            "$version",
            "$properties",
            "$id"
        );
        delete = Statement.Prepare(connection, "DELETE FROM entity WHERE id = $id", "$id");
    }

    /// <summary>Takes the file's write lock; waits for other processes.</summary>
    public void Begin() => begin.ExecuteNonQuery();

    /// <summary>Completes when everything since <see cref="Begin"/> is on disk.</summary>
    public void Commit() => commit.ExecuteNonQuery();

    /// <summary>Discards everything since <see cref="Begin"/>, if anything.</summary>
    public void RollBack()
    {
        // Some failures, such as a full disk, roll back by themselves.
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            SqliteFile.Execute(connection, "ROLLBACK");
        }
    }

    /// <summary>The row's id in the file and its version; null when there is no such row.</summary>
    public (long Id, long Version)? Find(PendingTransaction transaction, string rowKey)
    {
        Statement.Bind(find, transaction.Table.Value, transaction.PartitionKey, rowKey);
        using var reader = find.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    /// <summary>Writes one row with the id that <see cref="Find"/> returned.</summary>
    public void Apply(PendingTransaction transaction, TableAction action, long? id, long version)
    {
        var properties = action switch
        {
            TableAction.Insert insertion => insertion.Properties,
            TableAction.Replace replacement => replacement.Properties,
            TableAction.Upsert upsertion => upsertion.Properties,
            TableAction.Delete => null,
            _ => throw new UnreachableException(),
        };
        if (properties is null)
        {
            Statement.Bind(delete, id!.Value);
            delete.ExecuteNonQuery();
        }
        else if (id is { } existing)
        {
            Statement.Bind(update, version, PropertyCodec.Encode(properties), existing);
            update.ExecuteNonQuery();
        }
        else
        {
            Statement.Bind(
                insert,
                transaction.Table.Value,
                transaction.PartitionKey,
                action.RowKey,
                version,
                PropertyCodec.Encode(properties)
            );
            insert.ExecuteNonQuery();
        }
    }

    public long ReadCounter() => (long)readCounter.ExecuteScalar()!;

    public void WriteCounter(long version)
    {
        Statement.Bind(writeCounter, version);
        writeCounter.ExecuteNonQuery();
    }

    public void Dispose()
    {
        begin.Dispose();
        commit.Dispose();
        readCounter.Dispose();
        writeCounter.Dispose();
        find.Dispose();
        insert.Dispose();
        update.Dispose();
        delete.Dispose();
    }
}
