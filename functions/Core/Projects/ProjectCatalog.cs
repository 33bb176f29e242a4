using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>Lists the projects of each user, and creates projects.</summary>
public sealed class ProjectCatalog
{
    /// <summary>Projects in one message to a client: more would not fit a menu. The HTTP API has pages.</summary>
    public const int ListedMax = 1_000;

    /// <summary>Bytes of the projects in one message: leaves room for the envelope in the service's 1 MiB.</summary>
    public const int ListedBytesMax = MessageLimits.RevisionBytesMax;

    /// <summary>Projects of one page: each costs a read of the project.</summary>
    public const int PageMax = 200;

    /// <summary>Bytes of a project in a message beside its id and name: <c>{"id":,"name":},</c>.</summary>
    private const int ListedFixedBytes = 16;

    private readonly ITableStore store;
    private readonly IIdSource ids;
    private readonly ListingReader reader;
    private readonly ListingMaintenance maintenance;
    private readonly ProjectListing listing;
    private readonly JobTable jobs;

    /// <summary>Creates the catalogue without I/O.</summary>
    public ProjectCatalog(ITableStore store, IIdSource ids)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        this.ids = ids;
        reader = new ListingReader(store);
        maintenance = new ListingMaintenance(store);
        listing = new ProjectListing(store.Background);
        jobs = new JobTable(store.Background);
    }

    /// <summary>
    /// The projects that a user may open, owned ones first, as many as one message holds: at most
    /// <see cref="ListedMax"/>, and <see cref="ListedBytesMax"/> bytes.
    /// </summary>
    public async Task<IReadOnlyList<ProjectSummary>> ListAsync(string user, CancellationToken cancellationToken)
    {
        await maintenance.EnsureMigratedAsync(cancellationToken);
        var page = await reader.ReadAsync(user, ListedMax, after: null, cancellationToken);
        var bytes = 0;
        return
        [
            .. page!.Projects.TakeWhile(project => (bytes += BytesOf(project)) <= ListedBytesMax),
        ];
    }

    /// <summary>
    /// A page of the complete list. Null when <paramref name="after"/> is not a valid cursor.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="limit">1 to <see cref="PageMax"/>; any page may hold fewer.</param>
    /// <param name="after">The cursor of the previous page; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<ProjectPage?> ReadPageAsync(string user, int limit, string? after, CancellationToken cancellationToken)
    {
        await maintenance.EnsureMigratedAsync(cancellationToken);
        return await reader.ReadAsync(user, limit, after, cancellationToken);
    }

    /// <summary>Whether a project with the id exists or existed, so that the id cannot be used.</summary>
    public async Task<bool> IsTakenAsync(ProjectId project, CancellationToken cancellationToken) =>
        await new ProjectLog(store, project).ReadHeadAsync(cancellationToken) is not null;

    /// <summary>Creates a project from a dataset in the form of clients and files.</summary>
    public async Task<CreateResult> CreateAsync(
        ProjectId project,
        string name,
        ReadOnlyMemory<byte> dataset,
        AccessList access,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(access);
        if (ProjectRules.RefuseName(name) is { } reason)
        {
            return new CreateResult.Refused(reason);
        }

        if (await IsTakenAsync(project, cancellationToken))
        {
            return new CreateResult.Exists();
        }

        var read = Dataset.Parse(dataset);
        if (read is not DatasetResult.Parsed parsed)
        {
            return new CreateResult.Refused(((DatasetResult.Malformed)read).Reason);
        }

        var job = ProjectJob.Creation(project, ids.NewId());
        await jobs.WriteAsync(job, cancellationToken);
        var isCreated = await StoreAsync(job, name, parsed, access, cancellationToken);
        await CloseAsync(job, isCreated, cancellationToken);
        return isCreated ? new CreateResult.Created()
            : await IsTakenAsync(project, cancellationToken) ? new CreateResult.Exists()
            : throw new StorageException($"The creation of project {project} took too long and was abandoned.", outcomeUnknown: false);
    }

    /// <summary>Writes the project's rows. False when the id exists or existed.</summary>
    private async Task<bool> StoreAsync(
        ProjectJob job,
        string name,
        DatasetResult.Parsed parsed,
        AccessList access,
        CancellationToken cancellationToken
    )
    {
        var log = new ProjectLog(store, job.Project);
        await log.BeginAsync(job.Subject, cancellationToken);
        foreach (var content in parsed.Contents)
        {
            var contentKey = RowKeys.VersionContent(content.Version, job.Subject);
            await log.WritePayloadAsync(contentKey, content.Json, cancellationToken);
            parsed.Dataset.NameContent(content.Version, contentKey);
        }

        await log.WritePayloadAsync(RowKeys.Base(job.Subject), StateSnapshot.WriteBase(parsed.Dataset), cancellationToken);
        return await log.CreateAsync(job.Subject, name, access, cancellationToken);
    }

    /// <summary>Lists the created project, or removes the rows of a failed creation.</summary>
    private async Task CloseAsync(ProjectJob job, bool isCreated, CancellationToken cancellationToken)
    {
        try
        {
            if (isCreated)
            {
                await listing.UpdateAllAsync(job.Project, others: [], cancellationToken);
            }
            else
            {
                await new ProjectLog(store, job.Project).AbandonAsync(job.Subject, cancellationToken);
            }

            await jobs.RemoveAsync(job, cancellationToken);
        }
        catch (StorageException)
        {
            // The outcome is decided, and reporting a failure could lead to a second project. The sweep does the rest.
        }
    }

    /// <summary>Projects after a key, or from the first one, in key order.</summary>
    internal static async Task<IReadOnlyList<ProjectId>> ReadAsync(
        ITableStore store,
        string? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var projects = new List<ProjectId>();
        await foreach (var row in new CatalogTable(store).ReadAsync(after, limit, cancellationToken))
        {
            projects.Add(row.Project);
        }

        return projects;
    }

    /// <summary>Upper bound of a project's bytes, however its name is escaped.</summary>
    private static int BytesOf(ProjectSummary project) =>
        ListedFixedBytes + project.Project.Id.ToJson().Length + JsonEncodedText.Encode(project.Name).EncodedUtf8Bytes.Length + 2;
}

/// <summary>The result of a creation.</summary>
public abstract record CreateResult
{
    private CreateResult() { }

    /// <summary>The project was created.</summary>
    public sealed record Created : CreateResult;

    /// <summary>A project with this id exists or existed.</summary>
    public sealed record Exists : CreateResult;

    /// <summary>The name or the dataset is invalid.</summary>
    public sealed record Refused(string Reason) : CreateResult;
}
