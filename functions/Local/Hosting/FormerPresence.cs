using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Local.Hosting;

/// <summary>The presence rows of an earlier run.</summary>
internal static class FormerPresence
{
    /// <summary>Deletes them. Connections end with the emulator that holds them, so none survives its restart.</summary>
    public static async Task ClearAsync(ITableStore store, CancellationToken cancellationToken)
    {
        var partition = PresenceScope.Everyone.Partition;
        var rows = new List<TableAction>();
        await foreach (
            var row in store.QueryAsync(TableName.Presence, partition, new RowRange("0", "~"), limit: null, cancellationToken)
        )
        {
            rows.Add(new TableAction.Delete(row.RowKey, IfMatch: null));
        }

        foreach (var batch in rows.Chunk(TableLimits.TransactionRowsMax))
        {
            await store.SubmitAsync(TableName.Presence, partition, batch, cancellationToken);
        }
    }
}
