using System.Diagnostics;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Memory;

/// <summary>The rows of one partition in key order. Not thread-safe; the lock of the store guards it.</summary>
internal sealed class MemoryPartition(string partitionKey)
{
    private readonly Dictionary<string, TableRow> rows = new(StringComparer.Ordinal);
    private readonly SortedSet<string> keys = new(StringComparer.Ordinal);

    public TableRow? Find(string rowKey) => rows.GetValueOrDefault(rowKey);

    public TablePage ReadPage(RowRange range, int rowsMax)
    {
        if (string.CompareOrdinal(range.From, range.To) >= 0)
        {
            return TablePage.Empty;
        }

        var page = new List<TableRow>();
        foreach (var key in keys.GetViewBetween(range.From, range.To))
        {
            // The view includes its upper bound; the range excludes it.
            if (string.Equals(key, range.To, StringComparison.Ordinal))
            {
                break;
            }

            if (page.Count == rowsMax)
            {
                return new TablePage(page, IsLast: false);
            }

            page.Add(rows[key]);
        }

        return new TablePage(page, IsLast: true);
    }

    /// <summary>
    /// The first action that conflicts. A transaction touches each row once, so checking all actions first equals applying
    /// them in order.
    /// </summary>
    public TransactionResult.Conflict? FindConflict(IReadOnlyList<TableAction> actions)
    {
        for (var index = 0; index < actions.Count; index++)
        {
            if (Conflicts.Of(actions[index], rows.GetValueOrDefault(actions[index].RowKey)?.ETag) is { } reason)
            {
                return new TransactionResult.Conflict(index, reason);
            }
        }

        return null;
    }

    public ETag? Apply(TableAction action, ETag eTag)
    {
        switch (action)
        {
            case TableAction.Insert insert:
                return Put(insert.RowKey, insert.Properties, eTag);
            case TableAction.Replace replace:
                return Put(replace.RowKey, replace.Properties, eTag);
            case TableAction.Upsert upsert:
                return Put(upsert.RowKey, upsert.Properties, eTag);
            case TableAction.Delete delete:
                rows.Remove(delete.RowKey);
                keys.Remove(delete.RowKey);
                return null;
            default:
                throw new UnreachableException();
        }
    }

    private ETag Put(string rowKey, IReadOnlyDictionary<string, TableValue> properties, ETag eTag)
    {
        // A copy, because the caller may modify its dictionary.
        var copy = new Dictionary<string, TableValue>(properties, StringComparer.Ordinal);
        rows[rowKey] = new TableRow(partitionKey, rowKey, eTag, copy);
        keys.Add(rowKey);
        return eTag;
    }
}
