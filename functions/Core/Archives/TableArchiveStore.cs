using System.Globalization;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Stores open archives and uploads in the table of the projects, one partition each, so that any instance can serve
/// the next request.
/// </summary>
public sealed class TableArchiveStore : IArchiveStore
{
    /// <summary>Rows removed in one transaction, which are read first at up to 1 MiB each.</summary>
    private const int RemovedPerTransactionMax = 20;

    private const long Format = 1;
    private readonly ITableStore store;

    /// <summary>Creates the store without I/O.</summary>
    public TableArchiveStore(ITableStore store) => this.store = store;

    /// <inheritdoc/>
    public async Task WriteAsync(string archive, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Format };
        foreach (var row in Payload.ToRows(KeyOf(number), part.ToArray(), marks))
        {
            var upsert = new TableAction.Upsert(row.RowKey, ((TableAction.Insert)row).Properties);
            await store.Background.SubmitAsync(TableName.Data, PartitionOf(archive), [upsert], cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string archive, int number, CancellationToken cancellationToken)
    {
        var rows = new List<TableRow>();
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, PartitionOf(archive), RowKeys.Chunks(KeyOf(number)), limit: null, cancellationToken)
        )
        {
            rows.Add(row);
        }

        // A part that replaced a longer one leaves the rows of its end.
        var count = rows.Count == 0 ? 0 : rows[0].GetInt64("rows") ?? 0;
        if (count < 1 || count > rows.Count)
        {
            return null;
        }

        StoredFormat.Check(rows[0], Format);
        return Payload.Join(rows.GetRange(0, (int)count));
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string archive, CancellationToken cancellationToken)
    {
        while (true)
        {
            var rows = new List<TableAction>();
            await foreach (
                var row in store.Background.QueryAsync(
                    TableName.Data,
                    PartitionOf(archive),
                    RowRange.Prefix("p-"),
                    RemovedPerTransactionMax,
                    cancellationToken
                )
            )
            {
                rows.Add(new TableAction.Delete(row.RowKey, IfMatch: null));
            }

            if (rows.Count == 0)
            {
                return;
            }

            // Another request may remove the same rows; the next query shows what is left.
            await store.Background.SubmitAsync(TableName.Data, PartitionOf(archive), rows, cancellationToken);
        }
    }

    /// <summary>Partitions of projects begin with n or s (<see cref="Model.JsonId.ToKey"/>).</summary>
    private static string PartitionOf(string archive) => $"archive-{archive}";

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"p-{number:D5}");
}
