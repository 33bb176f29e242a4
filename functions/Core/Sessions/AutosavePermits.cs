using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Sessions;

/// <summary>
/// Tells one client of a project at a time to save a version by itself, whatever instances the clients are connected through.
/// </summary>
internal sealed class AutosavePermits(ITableStore store, TimeProvider time, TimeSpan interval)
{
    private const long Format = 1;

    /// <summary>
    /// Takes the permission of the present interval. False when somebody else has it; an event that is delivered again gets
    /// the answer that it got before.
    /// </summary>
    /// <exception cref="StorageException">It could not be stored, or may not have been; asking again is safe.</exception>
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

            // Clocks of instances differ by less than the minute by which the interval is shorter than the clients'.
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
