using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>What is removed from a project: what newer rows stand for, what is too old, and all of it.</content>
public sealed partial class ProjectLog
{
    /// <summary>Rows removed together: a transaction takes 100, and reading them first costs up to 1 MiB each.</summary>
    private const int RemovedTogetherMax = 20;

    /// <summary>
    /// Removes some snapshots below one. A snapshot that is half removed counts as not there, and whoever was reading it reads the
    /// head again.
    /// </summary>
    /// <returns>The number of rows removed; 0 when none is left.</returns>
    internal Task<int> RemoveSnapshotsBeforeAsync(string key, CancellationToken cancellationToken) =>
        RemoveAsync(RowKeys.SnapshotsBefore(key), cancellationToken);

    /// <summary>Removes some anchors below one, like snapshots.</summary>
    /// <returns>The number of rows removed; 0 when none is left.</returns>
    internal Task<int> RemoveAnchorsBeforeAsync(string key, CancellationToken cancellationToken) =>
        RemoveAsync(RowKeys.AnchorsBefore(key), cancellationToken);

    /// <summary>
    /// Removes some of the commits below a revision, oldest first, and what their restores went back to. Only when the head says that the
    /// log begins behind them.
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
                RemovedTogetherMax,
                cancellationToken
            )
        )
        {
            rows.Add(row);
        }

        // Commits go whole, so that each of them is looked into once.
        var last = rows.FindLastIndex(static row => row.GetInt64("rows") is not null);
        if (last > 0 && last + rows[last].GetInt64("rows") > rows.Count)
        {
            rows.RemoveRange(last, rows.Count - last);
        }

        // A restore's dataset goes first: the row that names it is how it is found again.
        foreach (var key in Together(rows).SelectMany(RestoredBy))
        {
            await RemovePayloadAsync(key, cancellationToken);
        }

        return await RemoveAsync(rows, cancellationToken);
    }

    /// <summary>Removes what is stored under a key that nobody reads any more.</summary>
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

    /// <summary>The number and time of the oldest commit whose rows are there, whatever the head says; null when there is none.</summary>
    internal async Task<(long First, DateTimeOffset Time)?> FindOldestAsync(CancellationToken cancellationToken)
    {
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.Commits(0, long.MaxValue - 1), limit: 1, cancellationToken)
        )
        {
            // What is left of a commit that was half removed has only its key.
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
            var row in store.Background.QueryAsync(TableName.Data, partition, range, RemovedTogetherMax, cancellationToken)
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

        // Somebody else may be at it as well; what either of them leaves goes the next time.
        var result = await store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [.. rows.Select(static row => new TableAction.Delete(row.RowKey, row.ETag))],
            cancellationToken
        );
        return result is TransactionResult.Committed ? rows.Count : 0;
    }

    /// <summary>The rows of each commit; without those of one that is cut at the end.</summary>
    private static IEnumerable<List<TableRow>> Together(List<TableRow> rows)
    {
        for (var first = 0; first < rows.Count; first++)
        {
            if (rows[first].GetInt64("rows") is { } count && first + count <= rows.Count)
            {
                yield return rows.GetRange(first, (int)count);
            }
        }
    }

    /// <summary>No commit of an older format holds a restore, and most are of one: those need not be unpacked.</summary>
    private static IEnumerable<string> RestoredBy(List<TableRow> rows) =>
        rows[0].GetInt64("format") < CommitCodec.FormatWithRestores
            ? []
            : Decode(rows).Entries.Select(static entry => entry.Restored?.Key).OfType<string>();
}
