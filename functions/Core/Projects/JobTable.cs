using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Table <c>due</c>, second partition: jobs on whole projects, which take more than one transaction. A job's row is
/// written before the first transaction and removed after the last, so that a sweep can finish the jobs of dead
/// processes (decision 0020).
/// </summary>
/// <remarks>
/// Separate from the rows of engines (<see cref="PendingPublicationTable"/>), because the last release would mistake
/// these for such rows. Rows carry no time of their writers: a sweep records when it first saw one, so that only clocks
/// of sweeps are compared.
/// </remarks>
internal sealed class JobTable(ITableStore store)
{
    private const string Partition = "jobs";
    private const long Format = 1;

    /// <summary>Separates names, which contain no control characters.</summary>
    private const char Separator = '\n';

    /// <summary>Project keys begin with n or s (JsonId.ToKey).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>Inserts or replaces a row.</summary>
    public Task WriteAsync(ProjectJob job, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Due, Partition, [new TableAction.Upsert(job.Key, ToProperties(job))], cancellationToken);

    /// <summary>Inserts a row unless its key exists. Returns the stored row.</summary>
    public async Task<ProjectJob> EnsureAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        await store.SubmitAsync(TableName.Due, Partition, [new TableAction.Insert(job.Key, ToProperties(job))], cancellationToken);
        return await FindAsync(job.Key, cancellationToken) ?? job;
    }

    /// <summary>Finds a row; null when there is none.</summary>
    public async Task<ProjectJob?> FindAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync(TableName.Due, Partition, key, cancellationToken) is { } row ? Read(row) : null;

    /// <summary>Removes a row; no error when it does not exist.</summary>
    public Task RemoveAsync(ProjectJob job, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Due, Partition, [new TableAction.Delete(job.Key, IfMatch: null)], cancellationToken);

    /// <summary>The rows, grouped by project; at most <paramref name="limit"/>.</summary>
    public async Task<List<ProjectJob>> ReadAsync(int limit, CancellationToken cancellationToken)
    {
        var jobs = new List<ProjectJob>();
        await foreach (var row in store.QueryAsync(TableName.Due, Partition, Everything, limit, cancellationToken))
        {
            jobs.Add(Read(row));
        }

        return jobs;
    }

    private static Dictionary<string, TableValue> ToProperties(ProjectJob job)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["id"] = job.Project.Id.ToJson(),
            ["kind"] = (long)job.Kind,
            ["subject"] = job.Subject,
            ["users"] = string.Join(Separator, job.Users),
            ["purged"] = job.IsPurged ? 1 : 0,
        };
        if (job.Seen is { } seen)
        {
            properties["seen"] = seen.ToUnixTimeMilliseconds();
        }

        return properties;
    }

    private static ProjectJob Read(TableRow row)
    {
        StoredFormat.Check(row, Format);
        using var document = JsonDocument.Parse(row.GetString("id") ?? "null");
        return JsonId.TryRead(document.RootElement, out var id)
            ? new ProjectJob(
                new ProjectId(id),
                (JobKind)(row.GetInt64("kind") ?? 0),
                row.RowKey,
                row.GetString("subject") ?? string.Empty
            )
            {
                Users = (row.GetString("users") ?? string.Empty).Split(Separator, StringSplitOptions.RemoveEmptyEntries),
                IsPurged = row.GetInt64("purged") is > 0,
                Seen = row.GetInt64("seen") is { } seen ? DateTimeOffset.FromUnixTimeMilliseconds(seen) : null,
            }
            : throw new InvalidDataException($"Row '{row.RowKey}' of table '{TableName.Due}' cannot be read.");
    }
}

/// <summary>The kind of a job. Stored: the numbers must not change.</summary>
internal enum JobKind
{
    /// <summary>Creates a project: payloads, first rows, listings.</summary>
    Creation = 1,

    /// <summary>Deletes a project, to the last row.</summary>
    Deletion = 2,

    /// <summary>Updates the listing of a user whose grant changes.</summary>
    Listing = 3,

    /// <summary>
    /// Updates the listings of all present and former users of a project that is restored from an archive.
    /// </summary>
    Restoration = 4,
}

/// <summary>A job on a whole project that is not known to be finished.</summary>
/// <param name="Project">The project.</param>
/// <param name="Kind">The kind of job.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Subject">
/// For a creation, the random name of the payloads' writer; for a deletion, the owner who requested it.
/// </param>
internal sealed record ProjectJob(ProjectId Project, JobKind Kind, string Key, string Subject)
{
    /// <summary>
    /// For a listing, the user, or none for every logged-in user; for a deletion or restoration, the users in the
    /// former access list.
    /// </summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Whether a deletion has removed every row that it found. Writes in flight may still add rows.</summary>
    public bool IsPurged { get; init; }

    /// <summary>When a sweep first saw the row in its present state; null when none has.</summary>
    public DateTimeOffset? Seen { get; init; }

    /// <summary>The creation of a project by one writer of payloads.</summary>
    public static ProjectJob Creation(ProjectId project, string writer) =>
        new(project, JobKind.Creation, $"{project.Key}:c:{writer}", writer);

    /// <summary>The deletion of a project: one row, regardless of the requester.</summary>
    public static ProjectJob Deletion(ProjectId project, string user) => new(project, JobKind.Deletion, DeletionKey(project), user);

    /// <summary>The change of one grant; several may be in progress.</summary>
    public static ProjectJob Listing(ProjectId project, string? user, string id) =>
        new(project, JobKind.Listing, $"{project.Key}:l:{id}", string.Empty) { Users = user is null ? [] : [user] };

    /// <summary>The restoration of a project from an archive.</summary>
    public static ProjectJob Restoration(ProjectId project, IEnumerable<string> former, string archive) =>
        new(project, JobKind.Restoration, $"{project.Key}:r:{archive}", string.Empty) { Users = [.. former] };

    /// <summary>The key of a project's deletion.</summary>
    public static string DeletionKey(ProjectId project) => $"{project.Key}:d";
}
