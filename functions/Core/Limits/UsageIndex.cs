using System.Globalization;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// When to look whether what a user did lately may be forgotten: table <c>users</c>, one partition, sorted by time. A row stands before the row that it is
/// about, so that none of those is left over; a row too many does no harm.
/// </summary>
internal sealed class UsageIndex(ITableStore store)
{
    private const string Partition = "usage";
    private const long Format = 1;

    /// <summary>Digits of the last moment of the calendar in milliseconds, so that keys sort as times do.</summary>
    private const int TimeDigits = 15;

    /// <summary>Notes that the usage row of a partition is to be looked at.</summary>
    public Task AddAsync(string user, DateTimeOffset due, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Users,
            Partition,
            [
                new TableAction.Upsert(
                    $"{KeyOf(due)}-{user}",
                    new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Format, ["user"] = user }
                ),
            ],
            cancellationToken
        );

    /// <summary>The entries whose time has come, oldest first: their keys and partitions.</summary>
    public async Task<List<(string Key, string User)>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var due = new List<(string Key, string User)>();
        await foreach (var row in store.QueryAsync(TableName.Users, Partition, new RowRange("0", KeyOf(now)), limit, cancellationToken))
        {
            due.Add((row.RowKey, row.GetString("user") ?? throw new InvalidDataException($"Row '{row.RowKey}' names no user.")));
        }

        return due;
    }

    /// <summary>Removes an entry.</summary>
    public Task RemoveAsync(string key, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Users, Partition, [new TableAction.Delete(key, IfMatch: null)], cancellationToken);

    private static string KeyOf(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString($"D{TimeDigits}", CultureInfo.InvariantCulture);
}
