using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>Rows of table <c>projects</c>: one for the round of scheduled archives, and one for each project that has archives.</summary>
internal sealed class ArchiveRoundTable(ITableStore store, TimeProvider time)
{
    /// <summary>How long a claim lasts: the host ends a function after one minute, and clocks may differ by some seconds.</summary>
    private static readonly TimeSpan WorkerTime = TimeSpan.FromMinutes(2);

    private const string RoundPartition = "upkeep";
    private const string RoundRow = "archives";
    private const string ArchivedPartition = "archived";
    private const long ArchivedFormat = 1;

    /// <summary>Keys begin with n or s (<see cref="JsonId.ToKey"/>).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>Claims the round; null when another instance holds it.</summary>
    public async Task<ArchiveRoundClaim?> ClaimAsync(string worker, CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Projects, RoundPartition, RoundRow, cancellationToken);
        var round = row is null ? new ArchiveRound() : ArchiveRound.FromRow(row);
        if (round.Worker.Length > 0 && round.WorkerExpires > time.GetUtcNow())
        {
            return null;
        }

        var wanted = round with { Worker = worker, WorkerExpires = time.GetUtcNow() + WorkerTime };
        TableAction write = row is null
            ? new TableAction.Insert(RoundRow, wanted.ToProperties())
            : new TableAction.Replace(RoundRow, wanted.ToProperties(), row.ETag);
        return await TryAsync(wanted, write, cancellationToken) is { } claimed ? new ArchiveRoundClaim(this, claimed) : null;
    }

    /// <summary>Stores the progress of the claim's holder.</summary>
    /// <exception cref="StorageException">The claim expired, and another instance has taken it.</exception>
    public async Task<ArchiveRound> SaveAsync(ArchiveRound round, CancellationToken cancellationToken) =>
        await TryAsync(round, new TableAction.Replace(RoundRow, round.ToProperties(), round.ETag), cancellationToken)
        ?? throw new StorageException("Another instance works on the scheduled archives.", outcomeUnknown: false);

    /// <summary>The entry of a project; null when it has no archives.</summary>
    public async Task<ArchivedProject?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        await store.GetAsync(TableName.Projects, ArchivedPartition, project.Key, cancellationToken) is { } row ? Read(row) : null;

    /// <summary>Projects that have archives, in the order of their keys: those after <paramref name="after"/>, or from the first one when it is empty.</summary>
    public async Task<List<ArchivedProject>> ReadAsync(string after, int limit, CancellationToken cancellationToken)
    {
        // Ask for one row more: the range includes the row of `after`.
        var projects = new List<ArchivedProject>();
        var range = after.Length == 0 ? Everything : Everything with { From = after };
        await foreach (var row in store.QueryAsync(TableName.Projects, ArchivedPartition, range, limit + 1, cancellationToken))
        {
            if (projects.Count < limit && !string.Equals(row.RowKey, after, StringComparison.Ordinal))
            {
                projects.Add(Read(row));
            }
        }

        return projects;
    }

    /// <summary>Stores the entry of a project.</summary>
    public Task WriteAsync(ArchivedProject archived, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = ArchivedFormat,
            ["id"] = archived.Project.Id.ToJson(),
            ["revision"] = archived.Revision,
            ["access"] = archived.AccessVersion,
        };
        if (archived.Gone is { } gone)
        {
            properties["gone"] = gone.ToUnixTimeMilliseconds();
        }

        return store.SubmitAsync(
            TableName.Projects,
            ArchivedPartition,
            [new TableAction.Upsert(archived.Project.Key, properties)],
            cancellationToken
        );
    }

    /// <summary>Removes the entry of a project whose archives were removed.</summary>
    public Task RemoveAsync(ProjectId project, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Projects, ArchivedPartition, [new TableAction.Delete(project.Key, IfMatch: null)], cancellationToken);

    private async Task<ArchiveRound?> TryAsync(ArchiveRound round, TableAction write, CancellationToken cancellationToken) =>
        await store.SubmitAsync(TableName.Projects, RoundPartition, [write], cancellationToken) is TransactionResult.Committed committed
            ? round with { ETag = committed.ETags[0]!.Value }
            : null;

    private static ArchivedProject Read(TableRow row)
    {
        StoredFormat.Check(row, ArchivedFormat);
        return new ArchivedProject(
            ArchiveRound.ReadProject(row.GetString("id") ?? "null", row),
            row.GetInt64("revision") ?? 0,
            row.GetInt64("access") ?? 0
        )
        {
            Gone = row.GetInt64("gone") is null ? null : ArchiveRound.TimeOf(row, "gone"),
        };
    }
}

/// <summary>The last archive of a project.</summary>
/// <param name="Project">The project.</param>
/// <param name="Revision">Its revision before the last archive was begun.</param>
/// <param name="AccessVersion">The version of its access list at that time.</param>
internal sealed record ArchivedProject(ProjectId Project, long Revision, long AccessVersion)
{
    /// <summary>When a round first found the project deleted; null while it exists.</summary>
    public DateTimeOffset? Gone { get; init; }

    /// <summary>Whether the last archive is as new as the head.</summary>
    public bool IsOf(Head head) => Revision == head.Revision && AccessVersion == head.AccessVersion;
}

/// <summary>The claim of one instance on the round. No other instance works on it meanwhile.</summary>
internal sealed class ArchiveRoundClaim(ArchiveRoundTable table, ArchiveRound round)
{
    /// <summary>The progress, as stored.</summary>
    public ArchiveRound Round { get; private set; } = round;

    /// <summary>Stores the progress.</summary>
    /// <exception cref="StorageException">The claim expired, and another instance has taken it.</exception>
    public async Task SaveAsync(ArchiveRound next, CancellationToken cancellationToken) =>
        Round = await table.SaveAsync(next with { ETag = Round.ETag }, cancellationToken);

    /// <summary>Stores the progress and releases the claim.</summary>
    public Task ReleaseAsync(ArchiveRound next, CancellationToken cancellationToken) =>
        SaveAsync(next with { Worker = string.Empty }, cancellationToken);
}
