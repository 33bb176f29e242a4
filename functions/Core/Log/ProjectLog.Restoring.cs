using ServerlessSync.Core.Access;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>What a restore from an archive writes.</content>
public sealed partial class ProjectLog
{
    /// <summary>
    /// Stores a payload under a key of the caller's own, in the place of what an attempt that was broken off left there. No reader
    /// sees it until a head, or what a head names, names the key.
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

    /// <summary>Makes a project with a head of its own. False when it exists, or did.</summary>
    internal async Task<bool> CreateAsync(Head head, AccessRow access, CancellationToken cancellationToken) =>
        await store.SubmitAsync(
            TableName.Data,
            partition,
            [
                new TableAction.Insert(RowKeys.Head, head.ToProperties()),
                new TableAction.Upsert(RowKeys.Access, access.ToProperties()),
            ],
            cancellationToken
        )
            is TransactionResult.Committed;

    /// <summary>Whether nothing is left of a deleted project but its head and its access list.</summary>
    internal async Task<bool> IsPurgedAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in store.QueryAsync(TableName.Data, partition, new RowRange("0", "~"), limit: 3, cancellationToken))
        {
            if (row.RowKey is not (RowKeys.Head or RowKeys.Access))
            {
                return false;
            }
        }

        return true;
    }
}
