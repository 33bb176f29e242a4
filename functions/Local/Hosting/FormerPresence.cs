using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Local.Hosting;

/// <summary>The presence that an earlier run left behind.</summary>
internal static class FormerPresence
{
    /// <summary>Removes it. Connections end with the emulator that held them, so where it starts anew none of them can be left.</summary>
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
