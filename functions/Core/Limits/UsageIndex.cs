using System.Globalization;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// When to check whether a user's usage row can be removed: table <c>users</c>, one partition, sorted by time. An entry is written before its usage row,
/// so no usage row is without one. An entry without a usage row does no harm.
/// </summary>
internal sealed class UsageIndex(ITableStore store)
{
    private const string Partition = "usage";
    private const long Format = 1;

    /// <summary>Enough digits for the latest time of the calendar in milliseconds, so that keys sort by time.</summary>
    private const int TimeDigits = 15;

    /// <summary>Adds an entry: check the usage row of this user's partition when it is due.</summary>
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

    /// <summary>The entries that are due, oldest first: their keys and the users' partitions.</summary>
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
