using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>A read connection, opened on first use, with its prepared statements. Used by one caller at a time.</summary>
internal sealed class SqliteReader(string path)
{
    /// <summary>Rows per page, as in Azure.</summary>
    private const int PageRowsMax = 1000;

    /// <summary>Bytes after which a page ends, so that pages of large rows do not fill the memory.</summary>
    private const long PageBytesMax = 4 * 1024 * 1024;

    private Statements? statements;

    public static ETag ETagOf(long version) => new(version.ToString(CultureInfo.InvariantCulture));

    public TableRow? Find(TableName table, string partitionKey, string rowKey)
    {
        var find = Open().Find;
        Statement.Bind(find, table.Value, partitionKey, rowKey);
        using var reader = find.ExecuteReader();
        return reader.Read() ? ReadRow(reader, partitionKey, rowKey) : null;
    }

    public TablePage ReadPage(
        TableName table,
        string partitionKey,
        RowRange rows,
        int rowsMax,
        CancellationToken cancellationToken
    )
    {
        var limit = Math.Min(rowsMax, PageRowsMax);
        var range = Open().Range;
        Statement.Bind(range, table.Value, partitionKey, rows.From, rows.To, (long)limit);
        using var reader = range.ExecuteReader();
        var page = new List<TableRow>();
        long bytes = 0;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            page.Add(ReadRow(reader, partitionKey, reader.GetString(2)));
            bytes += reader.GetBytes(1, 0, buffer: null, 0, 0);
            if (bytes >= PageBytesMax)
            {
                return new TablePage(page, IsLast: false);
            }
        }

        return new TablePage(page, IsLast: page.Count < limit);
    }

    /// <summary>Closes the connection; the next read opens a new one.</summary>
    public void Close()
    {
        statements?.Dispose();
        statements = null;
    }

    private Statements Open() => statements ??= new Statements(SqliteFile.OpenReader(path));

    private static TableRow ReadRow(SqliteDataReader reader, string partitionKey, string rowKey) =>
        new(partitionKey, rowKey, ETagOf(reader.GetInt64(0)), PropertyCodec.Decode(reader.GetFieldValue<byte[]>(1)));

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        public SqliteCommand Find { get; } =
            Statement.Prepare(
                connection,
                """
                SELECT version, properties FROM entity
                WHERE table_name = $table AND partition_key = $partition AND row_key = $row
                """,
                "$table",
                "$partition",
                "$row"
            );

        public SqliteCommand Range { get; } =
            Statement.Prepare(
                connection,
                """
                SELECT version, properties, row_key FROM entity
                WHERE table_name = $table AND partition_key = $partition AND row_key >= $from AND row_key < $to
                ORDER BY row_key LIMIT $limit
                """,
                "$table",
                "$partition",
                "$from",
                "$to",
                "$limit"
            );

        public void Dispose()
        {
            Find.Dispose();
            Range.Dispose();
            connection.Dispose();
        }
    }
}
