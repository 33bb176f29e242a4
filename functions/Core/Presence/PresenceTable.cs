using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>The scope's partition of table <c>presence</c>.</summary>
internal sealed class PresenceTable(ITableStore store, string partition)
{
    /// <summary>The head with its ETag; an empty one without ETag before the first change.</summary>
    public async Task<(PresenceHead Head, ETag? Tag)> ReadHeadAsync()
    {
        var row = await store.GetAsync(TableName.Presence, partition, PresenceHead.RowKey, CancellationToken.None);
        return row is null ? (PresenceHead.Empty, null) : (PresenceHead.Read(row), row.ETag);
    }

    public async Task<StoredPresence?> ReadRowAsync(string rowKey)
    {
        var row = await store.GetAsync(TableName.Presence, partition, rowKey, CancellationToken.None);
        return row is null ? null : new StoredPresence(row.RowKey, row.ETag, PresenceRow.Read(row));
    }

    /// <summary>All connections, or the first <paramref name="limit"/> by row key.</summary>
    public async Task<List<StoredPresence>> ReadRowsAsync(int? limit, CancellationToken cancellationToken)
    {
        var rows = new List<StoredPresence>();
        var query = store.QueryAsync(TableName.Presence, partition, PresenceRow.Range, limit, cancellationToken);
        await foreach (var row in query)
        {
            rows.Add(new StoredPresence(row.RowKey, row.ETag, PresenceRow.Read(row)));
        }

        return rows;
    }

    public async Task<TransactionResult> SubmitAsync(
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    ) => await store.SubmitAsync(TableName.Presence, partition, actions, cancellationToken);
}

/// <summary>A connection's row as stored.</summary>
internal sealed record StoredPresence(string RowKey, ETag Tag, PresenceRow Row);
