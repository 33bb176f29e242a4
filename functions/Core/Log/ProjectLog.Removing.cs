using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>Removal of superseded rows and of commits beyond the retention.</content>
public sealed partial class ProjectLog
{
    /// <summary>
    /// Rows removed in one transaction. It could hold 100, but reading them first costs up to 1 MiB each.
    /// </summary>
    private const int RemovedPerTransactionMax = 20;

    /// <summary>
    /// Removes some snapshots below a key. A partly removed snapshot counts as missing; its readers read the head
    /// again.
    /// </summary>
    /// <returns>The number of rows removed; 0 when none is left.</returns>
    internal Task<int> RemoveSnapshotsBeforeAsync(string key, CancellationToken cancellationToken) =>
        RemoveAsync(RowKeys.SnapshotsBefore(key), cancellationToken);

    /// <summary>Removes some anchors below a key, like snapshots.</summary>
    /// <returns>The number of rows removed; 0 when none is left.</returns>
    internal Task<int> RemoveAnchorsBeforeAsync(string key, CancellationToken cancellationToken) =>
        RemoveAsync(RowKeys.AnchorsBefore(key), cancellationToken);

    /// <summary>
    /// Removes some of the commits below a revision, oldest first, and the datasets of their restores. Call it only
    /// when the head states that the log begins after them.
    /// </summary>
    /// <returns>The number of rows removed; 0 when none is left.</returns>
    internal async Task<int> RemoveCommitsBeforeAsync(long revision, CancellationToken cancellationToken)
    {
        var rows = new List<TableRow>();
        await foreach (
            var row in store.Background.QueryAsync(
                TableName.Data,
                partition,
                RowKeys.Commits(0, revision - 1),
                RemovedPerTransactionMax,
                cancellationToken
            )
        )
        {
            rows.Add(row);
        }

        // Whole commits only, so that each is unpacked once.
        var last = rows.FindLastIndex(static row => row.GetInt64("rows") is not null);
        if (last > 0 && last + rows[last].GetInt64("rows") > rows.Count)
        {
            rows.RemoveRange(last, rows.Count - last);
        }

        // A restore's dataset goes first, as only the row that names it leads to it.
        foreach (var key in GroupByCommit(rows).SelectMany(RestoredBy))
        {
            await RemovePayloadAsync(key, cancellationToken);
        }

        return await RemoveAsync(rows, cancellationToken);
    }

    /// <summary>Removes the payload under a key that is no longer read.</summary>
    /// <returns>The number of rows removed.</returns>
    internal async Task<int> RemovePayloadAsync(string key, CancellationToken cancellationToken)
    {
        var removed = 0;
        while (await RemoveAsync(RowKeys.Chunks(key), cancellationToken) is > 0 and var rows)
        {
            removed += rows;
        }

        return removed;
    }

    /// <summary>
    /// The first revision and the time of the oldest stored commit, whatever the head states; null when there is none.
    /// </summary>
    internal async Task<(long First, DateTimeOffset Time)?> FindOldestAsync(CancellationToken cancellationToken)
    {
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.Commits(0, long.MaxValue - 1), limit: 1, cancellationToken)
        )
        {
            // The rest of a partly removed commit has only its key.
            return (
                row.GetInt64("first") ?? RowKeys.RevisionOf(row.RowKey),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("time") ?? 0)
            );
        }

        return null;
    }

    private async Task<int> RemoveAsync(RowRange range, CancellationToken cancellationToken)
    {
        var old = new List<TableRow>();
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, range, RemovedPerTransactionMax, cancellationToken)
        )
        {
            old.Add(row);
        }

        return await RemoveAsync(old, cancellationToken);
    }

    private async Task<int> RemoveAsync(List<TableRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        // Another process may remove the same rows; the next call removes what is left.
        var result = await store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [.. rows.Select(static row => new TableAction.Delete(row.RowKey, row.ETag))],
            cancellationToken
        );
        return result is TransactionResult.Committed ? rows.Count : 0;
    }

    /// <summary>The rows of each complete commit.</summary>
    private static IEnumerable<List<TableRow>> GroupByCommit(List<TableRow> rows)
    {
        for (var first = 0; first < rows.Count; first++)
        {
            if (rows[first].GetInt64("rows") is { } count && first + count <= rows.Count)
            {
                yield return rows.GetRange(first, (int)count);
            }
        }
    }

    /// <summary>Commits of older formats hold no restore and need not be unpacked; most commits are such.</summary>
    private static IEnumerable<string> RestoredBy(List<TableRow> rows) =>
        rows[0].GetInt64("format") < CommitCodec.FormatWithRestores
            ? []
            : Decode(rows).Entries.Select(static entry => entry.Restored?.Key).OfType<string>();
}
