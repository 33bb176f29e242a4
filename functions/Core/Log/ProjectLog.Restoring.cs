using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>Writes of a restore from an archive.</content>
public sealed partial class ProjectLog
{
    /// <summary>
    /// Stores a payload under a key of the caller's own, replacing what an interrupted attempt left there. Readers see
    /// it only once a head, or a row that a head names, refers to the key.
    /// </summary>
    internal async Task PutPayloadAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Payload.Format };
        foreach (var row in Payload.ToRows(key, Payload.Compress(content.Span), marks))
        {
            var upsert = new TableAction.Upsert(row.RowKey, ((TableAction.Insert)row).Properties);
            await store.Background.SubmitAsync(TableName.Data, partition, [upsert], cancellationToken);
        }
    }

    /// <summary>Whether the first row of a payload exists.</summary>
    internal async Task<bool> HasPayloadAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync(TableName.Data, partition, key, cancellationToken) is not null;

    /// <summary>
    /// Writes a head that refers to the stored payloads. False when another head was written meanwhile.
    /// </summary>
    /// <param name="known">The head as read; null when there was none.</param>
    /// <param name="next">The new head.</param>
    /// <param name="access">The access list.</param>
    /// <param name="name">The project's name; null keeps the present one.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async Task<bool> RestoreAsync(
        StoredHead? known,
        Head next,
        AccessRow access,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var actions = new List<TableAction>
        {
            known is null
                ? new TableAction.Insert(RowKeys.Head, next.ToProperties())
                : new TableAction.Replace(RowKeys.Head, next.ToProperties(), known.ETag),
            new TableAction.Upsert(RowKeys.Access, access.ToProperties()),
        };
        if (name is not null)
        {
            actions.Add(new TableAction.Upsert(RowKeys.Name, NameProperties(name)));
        }

        return await store.Background.SubmitAsync(TableName.Data, partition, actions, cancellationToken) is TransactionResult.Committed;
    }
}
