using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>The inbox, in which engines leave submissions for the holder of the lease.</content>
public sealed partial class ProjectLog
{
    /// <summary>
    /// Leaves submissions for the holder of the lease. A row that exists already is this one, after a lost response.
    /// </summary>
    internal Task WriteInboxAsync(
        string key,
        ReadOnlyMemory<byte> compressed,
        InboxMarks marks,
        CancellationToken cancellationToken
    ) => store.SubmitAsync(TableName.Data, partition, [InboxCodec.ToInsert(key, compressed, marks)], cancellationToken);

    /// <summary>
    /// The rows of the inbox: submissions to drain and unread answers. At most <paramref name="limit"/> rows, after the
    /// row <paramref name="after"/> or from the first one.
    /// </summary>
    internal async Task<List<InboxRow>> ReadInboxAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<InboxRow>();
        var range = after is null ? RowKeys.AllInbox : RowKeys.InboxAfter(after);
        await foreach (
            var row in store.QueryAsync(TableName.Data, partition, range, limit, cancellationToken)
        )
        {
            rows.Add(InboxCodec.FromRow(row));
        }

        return rows;
    }

    /// <summary>One inbox row; null when it was drained and all its submissions were accepted.</summary>
    internal async Task<InboxRow?> ReadInboxRowAsync(string key, CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Data, partition, key, cancellationToken);
        return row is null ? null : InboxCodec.FromRow(row);
    }

    /// <summary>Removes an inbox row whose answers were read.</summary>
    internal Task RemoveInboxRowAsync(InboxRow row, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Data,
            partition,
            [new TableAction.Delete(row.Key, row.ETag)],
            cancellationToken
        );
}
