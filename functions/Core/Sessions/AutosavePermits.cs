using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Sessions;

/// <summary>Permits one client of a project at a time to autosave a version, across all instances.</summary>
internal sealed class AutosavePermits(ITableStore store, TimeProvider time, TimeSpan interval)
{
    private const long Format = 1;

    /// <summary>
    /// Takes the permit of the current interval. False when another client has it. A redelivered event gets the same
    /// answer as before.
    /// </summary>
    /// <exception cref="StorageException">
    /// The permit was not stored, or may not have been; repeating the call is safe.
    /// </exception>
    public async Task<bool> TryTakeAsync(ProjectId project, Origin origin, CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Data, project.Key, RowKeys.Autosave, cancellationToken);
        if (row is not null)
        {
            StoredFormat.Check(row, Format);
            if (IsOf(row, origin))
            {
                return true;
            }

            // The interval is a minute shorter than the clients' own, which exceeds the skew between instances.
            var taken = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("time") ?? 0);
            if (time.GetUtcNow() - taken < interval)
            {
                return false;
            }
        }

        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["time"] = time.GetUtcNow().ToUnixTimeMilliseconds(),
            ["connection"] = origin.Connection.Value,
            ["event"] = origin.EventId,
        };
        TableAction write = row is null
            ? new TableAction.Insert(RowKeys.Autosave, properties)
            : new TableAction.Replace(RowKeys.Autosave, properties, row.ETag);
        var result = await store.SubmitAsync(TableName.Data, project.Key, [write], cancellationToken);
        return result is TransactionResult.Committed;
    }

    private static bool IsOf(TableRow row, Origin origin) =>
        string.Equals(row.GetString("connection"), origin.Connection.Value, StringComparison.Ordinal)
        && row.GetInt64("event") == origin.EventId;
}
