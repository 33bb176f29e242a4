using System.Text.Json;
using ServerlessSync.Core.Access;
using ServerlessSync.Core.Data;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Messages;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>The projects there are: their ids, names, and who may open them.</summary>
public sealed class ProjectCatalog
{
    /// <summary>Projects that a list holds: more do not fit a person's menu, nor one message.</summary>
    public const int ListedMax = 1_000;

    /// <summary>Characters of a project's name.</summary>
    public const int NameLengthMax = 200;

    /// <summary>Several owners may change one list at the same time, but not this many.</summary>
    private const int UpdateAttemptsMax = 8;

    private const string Partition = "projects";
    private const long Format = 1;

    /// <summary>Keys begin with n or s (<see cref="JsonId.ToKey"/>).</summary>
    private static readonly RowRange Everything = new("n", "t");

    private readonly ITableStore store;
    private readonly IIdSource ids;

    /// <summary>Opens the catalogue.</summary>
    public ProjectCatalog(ITableStore store, IIdSource ids)
    {
        this.store = store;
        this.ids = ids;
    }

    /// <summary>The projects that a user may open, by name; at most <see cref="ListedMax"/>.</summary>
    public async Task<IReadOnlyList<ProjectSummary>> ListAsync(string user, CancellationToken cancellationToken)
    {
        var projects = new List<ProjectSummary>();
        await foreach (
            var row in store.QueryAsync(TableName.Projects, Partition, Everything, limit: null, cancellationToken)
        )
        {
            StoredFormat.Check(row, Format);
            if (AccessList.Parse(Text(row, "access")).RoleOf(user) > Role.None)
            {
                projects.Add(new ProjectSummary(ReadId(row), Text(row, "name")));
                if (projects.Count == ListedMax)
                {
                    break;
                }
            }
        }

        return projects;
    }

    /// <summary>Makes a project from a dataset, as clients and files have it.</summary>
    public async Task<CreateResult> CreateAsync(
        ProjectId project,
        string name,
        ReadOnlyMemory<byte> dataset,
        AccessList access,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(access);
        if (NameFault(name) is { } fault)
        {
            return new CreateResult.Refused(fault);
        }

        if (Dataset.Parse(dataset) is not DatasetResult.Parsed parsed)
        {
            return new CreateResult.Refused(((DatasetResult.Malformed)Dataset.Parse(dataset)).Reason);
        }

        var log = new ProjectLog(store, project);
        var head = await log.ReadHeadAsync(cancellationToken);
        if (head is { Value.IsDeleted: true })
        {
            return new CreateResult.Exists();
        }

        var exists = head is not null;
        if (!exists)
        {
            foreach (var content in parsed.Contents)
            {
                var contentKey = RowKeys.VersionContent(content.Version, ids.NewId());
                await log.WritePayloadAsync(contentKey, content.Json, cancellationToken);
                parsed.Dataset.NameContent(content.Version, contentKey);
            }

            var key = RowKeys.Base(ids.NewId());
            await log.WritePayloadAsync(key, StateSnapshot.WriteBase(parsed.Dataset), cancellationToken);
            exists = !await log.CreateAsync(key, access, cancellationToken);
        }

        // Also for a project that exists: the process that made it may have died before it was listed.
        await ListProjectAsync(project, name, access, cancellationToken);
        return exists ? new CreateResult.Exists() : new CreateResult.Created();
    }

    private async Task ListProjectAsync(ProjectId project, string name, AccessList access, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["id"] = project.Id.ToJson(),
            ["name"] = name,
            ["access"] = access.ToJson(),
        };
        await store.SubmitAsync(
            TableName.Projects,
            Partition,
            [new TableAction.Insert(project.Key, properties)],
            cancellationToken
        );
    }

    /// <summary>The name under which a project is listed; null when it is not.</summary>
    internal async Task<string?> FindNameAsync(ProjectId project, CancellationToken cancellationToken) =>
        (await store.GetAsync(TableName.Projects, Partition, project.Key, cancellationToken))?.GetString("name");

    /// <summary>Lists a project that was restored; one that is listed keeps its name.</summary>
    internal async Task ListRestoredAsync(ProjectId project, string name, AccessList access, CancellationToken cancellationToken)
    {
        await ListProjectAsync(project, name, access, cancellationToken);
        await UpdateAccessAsync(project, access, cancellationToken);
    }

    /// <summary>What is wrong with a name; null for one that can be listed.</summary>
    internal static string? NameFault(string name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > NameLengthMax ? $"name: 1 to {NameLengthMax} characters." : null;

    /// <summary>Shows a project to those who may open it now. Nothing happens for a project that is not listed.</summary>
    internal async Task UpdateAccessAsync(ProjectId project, AccessList access, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= UpdateAttemptsMax; attempt++)
        {
            if (await store.GetAsync(TableName.Projects, Partition, project.Key, cancellationToken) is not { } row)
            {
                return;
            }

            StoredFormat.Check(row, Format);
            var properties = new Dictionary<string, TableValue>(row.Properties, StringComparer.Ordinal)
            {
                ["access"] = access.ToJson(),
            };
            var update = new TableAction.Replace(project.Key, properties, row.ETag);
            if (
                await store.SubmitAsync(TableName.Projects, Partition, [update], cancellationToken)
                is TransactionResult.Committed
            )
            {
                return;
            }
        }

        throw new StorageException($"The listing of project {project} lost {UpdateAttemptsMax} races.", outcomeUnknown: false);
    }

    /// <summary>Projects behind a key, or from the first one, in the order of their keys.</summary>
    internal static async Task<IReadOnlyList<ProjectId>> ReadAsync(
        ITableStore store,
        string? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var projects = new List<ProjectId>();
        var range = string.IsNullOrEmpty(after) ? Everything : Everything with { From = after };
        await foreach (
            var row in store.QueryAsync(TableName.Projects, Partition, range, limit + 1, cancellationToken)
        )
        {
            StoredFormat.Check(row, Format);
            if (projects.Count < limit && !string.Equals(row.RowKey, after, StringComparison.Ordinal))
            {
                projects.Add(ReadId(row));
            }
        }

        return projects;
    }

    /// <summary>Takes a project from the list.</summary>
    internal Task RemoveAsync(ProjectId project, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Projects,
            Partition,
            [new TableAction.Delete(project.Key, IfMatch: null)],
            cancellationToken
        );

    private static ProjectId ReadId(TableRow row)
    {
        using var document = JsonDocument.Parse(Text(row, "id"));
        return JsonId.TryRead(document.RootElement, out var id)
            ? new ProjectId(id)
            : throw new InvalidDataException($"Project row '{row.RowKey}' has an unreadable id.");
    }

    private static string Text(TableRow row, string name) =>
        row.GetString(name) ?? throw new InvalidDataException($"Project row '{row.RowKey}' has no '{name}'.");
}

/// <summary>What became of making a project.</summary>
public abstract record CreateResult
{
    private CreateResult() { }

    /// <summary>It is there now.</summary>
    public sealed record Created : CreateResult;

    /// <summary>A project of this id was there before.</summary>
    public sealed record Exists : CreateResult;

    /// <summary>The name or the dataset cannot be used.</summary>
    public sealed record Refused(string Reason) : CreateResult;
}
