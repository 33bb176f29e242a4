using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Table <c>due</c>, second partition: work on whole projects that takes more than one transaction. A row stands before the first of
/// them, so that a sweep finishes what a process that dies leaves half done, and goes after the last (decision 0020).
/// </summary>
/// <remarks>
/// Apart from the rows of engines (<see cref="PendingPublicationTable"/>), which the last release reads and would take these for. Rows carry no time of
/// their writers: a sweep notes when it first saw one, so that only the clocks of sweeps are compared.
/// </remarks>
internal sealed class JobTable(ITableStore store)
{
    private const string Partition = "jobs";
    private const long Format = 1;

    /// <summary>A user name holds no control characters, so this separates names.</summary>
    private const char Separator = '\n';

    /// <summary>Project keys begin with n or s (JsonId.ToKey).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>Writes a row, over the one of the same key.</summary>
    public Task WriteAsync(ProjectJob job, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Due, Partition, [new TableAction.Upsert(job.Key, ToProperties(job))], cancellationToken);

    /// <summary>Writes a row unless there is one of its key, and reads the one that stands then.</summary>
    public async Task<ProjectJob> EnsureAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        await store.SubmitAsync(TableName.Due, Partition, [new TableAction.Insert(job.Key, ToProperties(job))], cancellationToken);
        return await FindAsync(job.Key, cancellationToken) ?? job;
    }

    /// <summary>One row; null when there is none.</summary>
    public async Task<ProjectJob?> FindAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync(TableName.Due, Partition, key, cancellationToken) is { } row ? Read(row) : null;

    /// <summary>Removes a row; nothing happens when it is gone.</summary>
    public Task RemoveAsync(ProjectJob job, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Due, Partition, [new TableAction.Delete(job.Key, IfMatch: null)], cancellationToken);

    /// <summary>The rows, those of one project together; at most <paramref name="limit"/>.</summary>
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

/// <summary>What a row of <see cref="JobTable"/> is about. Stored: numbers stay.</summary>
internal enum JobKind
{
    /// <summary>Making a project: its payloads, its first rows, its listing.</summary>
    Creation = 1,

    /// <summary>Deleting a project, to the last row.</summary>
    Deletion = 2,

    /// <summary>Listing a project for a user whose grant changes.</summary>
    Listing = 3,

    /// <summary>Listing a project that is restored from an archive, for all whom it names or named.</summary>
    Restoration = 4,
}

/// <summary>Work on a whole project that is not known to be finished.</summary>
/// <param name="Project">The project.</param>
/// <param name="Kind">What is done to it.</param>
/// <param name="Key">The row.</param>
/// <param name="Subject">Of a creation, who writes its payloads (a random name); of a deletion, the owner who asked for it.</param>
internal sealed record ProjectJob(ProjectId Project, JobKind Kind, string Key, string Subject)
{
    /// <summary>Of a listing, the user, or none for everybody; of a deletion or restoration under way, those whom the access list named.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Whether a deletion has removed all that it found; what is on its way to the store may come later.</summary>
    public bool IsPurged { get; init; }

    /// <summary>When a sweep first saw the row as it stands; null when none has.</summary>
    public DateTimeOffset? Seen { get; init; }

    /// <summary>The creation of a project by one writer of payloads.</summary>
    public static ProjectJob Creation(ProjectId project, string writer) =>
        new(project, JobKind.Creation, $"{project.Key}:c:{writer}", writer);

    /// <summary>The deletion of a project: one row, whoever asks.</summary>
    public static ProjectJob Deletion(ProjectId project, string user) => new(project, JobKind.Deletion, DeletionKey(project), user);

    /// <summary>The change of one grant; several may be under way.</summary>
    public static ProjectJob Listing(ProjectId project, string? user, string id) =>
        new(project, JobKind.Listing, $"{project.Key}:l:{id}", string.Empty) { Users = user is null ? [] : [user] };

    /// <summary>The restoration of a project from an archive.</summary>
    public static ProjectJob Restoration(ProjectId project, IEnumerable<string> former, string archive) =>
        new(project, JobKind.Restoration, $"{project.Key}:r:{archive}", string.Empty) { Users = [.. former] };

    /// <summary>The row of a project's deletion.</summary>
    public static string DeletionKey(ProjectId project) => $"{project.Key}:d";
}
