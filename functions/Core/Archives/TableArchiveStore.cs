using System.Globalization;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Keeps archives that are on their way in or out beside the projects, one partition each: whichever instance serves the next request finds
/// what the one before it left.
/// </summary>
public sealed class TableArchiveStore : IArchiveStore
{
    /// <summary>Rows removed together, read first at up to 1 MiB each.</summary>
    private const int RemovedTogetherMax = 20;

    private const long Format = 1;
    private readonly ITableStore store;

    /// <summary>Opens the store; does no I/O.</summary>
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

        // A shorter part that took the place of a longer one leaves rows behind it.
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
                    RemovedTogetherMax,
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

            // When another request removes them too, the next look tells what is left.
            await store.Background.SubmitAsync(TableName.Data, PartitionOf(archive), rows, cancellationToken);
        }
    }

    /// <summary>No project's partition begins so: those begin with n or s (<see cref="Model.JsonId.ToKey"/>).</summary>
    private static string PartitionOf(string archive) => $"archive-{archive}";

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"p-{number:D5}");
}
