using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Creates the listings of projects of the last release, once per deployment. Afterwards it verifies all rows, a few
/// per round, and repairs what the last release or dead processes left wrong.
/// </summary>
internal sealed class ListingMaintenance(ITableStore store)
{
    private const string Partition = "upkeep";
    private const string MigrationRow = "listing";
    private const string PositionRow = "listing-walk";
    private const long Format = 1;

    /// <summary>Projects that are migrated concurrently; each takes about ten sequential requests.</summary>
    private const int MigratedTogether = 16;

    /// <summary>
    /// Rows of the catalogue, and of listings, that one round verifies: a fraction of a second of point reads per minute.
    /// </summary>
    private const int ExaminedMax = 25;

    private readonly CatalogTable catalog = new(store);
    private readonly ProjectListing listing = new(store);
    private volatile bool isMigrated;

    /// <summary>
    /// Creates the listings of projects of the last release, once per deployment. An interrupted migration continues;
    /// concurrent ones do the same work twice, which is harmless.
    /// </summary>
    public async Task EnsureMigratedAsync(CancellationToken cancellationToken)
    {
        while (!isMigrated)
        {
            var mark = await ReadAsync(MigrationRow, cancellationToken);
            if (mark is { IsDone: true })
            {
                isMigrated = true;
                return;
            }

            var projects = new List<CatalogRow>();
            await foreach (var row in catalog.ReadAsync(mark?.After, MigratedTogether, cancellationToken))
            {
                projects.Add(row);
            }

            await Task.WhenAll(projects.Select(row => listing.UpdateAllAsync(row.Project, others: [], cancellationToken)));
            var isDone = projects.Count < MigratedTogether;
            await WriteAsync(MigrationRow, isDone ? string.Empty : projects[^1].Project.Key, isDone, cancellationToken);
        }
    }

    /// <summary>Verifies the next rows and repairs wrong ones.</summary>
    public async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        await EnsureMigratedAsync(cancellationToken);
        var place = Parse(await ReadAsync(PositionRow, cancellationToken) is { After: var text } ? text : string.Empty);
        var after = await VerifyCatalogAsync(place.Catalog, cancellationToken);
        var (partition, key) = await VerifyListingsAsync(place.Partition, place.Key, cancellationToken);
        await WriteAsync(PositionRow, $"{after}/{partition}/{key}", isDone: false, cancellationToken);
    }

    /// <summary>Verifies from the projects: every user in an access list must have the project listed.</summary>
    private async Task<string> VerifyCatalogAsync(string after, CancellationToken cancellationToken)
    {
        var last = string.Empty;
        var count = 0;
        await foreach (var row in catalog.ReadAsync(after, ExaminedMax, cancellationToken))
        {
            count++;
            last = row.Project.Key;
            var head = await new ProjectLog(store, row.Project).ReadHeadAsync(cancellationToken);
            if (head is not { Value.IsDeleted: false } || head.Value.AccessVersion != row.Version)
            {
                await listing.UpdateAllAsync(row.Project, others: [], cancellationToken);
            }
        }

        return count < ExaminedMax ? string.Empty : last;
    }

    /// <summary>Verifies from the listings: every row must be right for its user.</summary>
    private async Task<(int Partition, string Key)> VerifyListingsAsync(int partition, string after, CancellationToken cancellationToken)
    {
        var left = ExaminedMax;
        for (var visited = 0; visited < ListingPlace.Partitions.Count; visited++)
        {
            var rows = await ReadListAsync(ListingPlace.Partitions[partition], after, left, cancellationToken);
            foreach (var row in rows)
            {
                await listing.RepairAsync(row, cancellationToken);
            }

            left -= rows.Count;
            if (left == 0)
            {
                return (partition, rows[^1].Place.Key);
            }

            partition = (partition + 1) % ListingPlace.Partitions.Count;
            after = string.Empty;
        }

        return (partition, string.Empty);
    }

    private async Task<List<ListingRow>> ReadListAsync(string partition, string after, int limit, CancellationToken cancellationToken)
    {
        // Every character of a key is between the two bounds.
        var range = new RowRange(after.Length == 0 ? "!" : after + " ", "\u007f");
        var rows = new List<ListingRow>();
        await foreach (var row in store.QueryAsync(TableName.Projects, partition, range, limit, cancellationToken))
        {
            rows.Add(ListingRow.Read(row));
        }

        return rows;
    }

    private async Task<(string After, bool IsDone)?> ReadAsync(string row, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(TableName.Projects, Partition, row, cancellationToken) is not { } found)
        {
            return null;
        }

        StoredFormat.Check(found, Format);
        return (found.GetString("after") ?? string.Empty, found.GetInt64("done") is > 0);
    }

    private Task WriteAsync(string row, string after, bool isDone, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["after"] = after,
            ["done"] = isDone ? 1 : 0,
        };
        return store.SubmitAsync(TableName.Projects, Partition, [new TableAction.Upsert(row, properties)], cancellationToken);
    }

    private static (string Catalog, int Partition, string Key) Parse(string place) =>
        place.Split('/') is [var catalog, var partition, var key]
        && int.TryParse(partition, out var number)
        && number >= 0
        && number < ListingPlace.Partitions.Count
            ? (catalog, number, key)
            : (string.Empty, 0, string.Empty);
}
