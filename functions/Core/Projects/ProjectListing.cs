using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Maintains the listings of projects: the catalogue, a row for each user in an access list, and a shared row for
/// projects that every user may open. All are derived from the project's own rows and never from a request, so the last
/// writer always writes the current state.
/// </summary>
/// <remarks>
/// A row states the version of the access list from which it was derived and never replaces a newer one. After a write,
/// the project is read again; when it has changed, the row is derived again. A wrong row that a dead process leaves
/// behind never shows a project to a user without access, because readers compare the version
/// (<see cref="ListingReader"/>); the sweep repairs it.
/// </remarks>
internal sealed class ProjectListing(ITableStore store)
{
    /// <summary>
    /// The retries while a project's rights change during a write; more changes at a time indicate an error.
    /// </summary>
    private static readonly OptimisticWrite Races = new();

    private readonly CatalogTable catalog = new(store);

    /// <summary>
    /// Updates a project's listing for one user, or the shared one for null, according to its access list.
    /// </summary>
    public Task UpdateAsync(ProjectId project, string? user, CancellationToken cancellationToken) =>
        UpdateAsync(project, state => WriteAsync(state, user, cancellationToken), cancellationToken);

    /// <summary>
    /// Updates a project's listings for all users in its access list and for <paramref name="others"/>, which it may
    /// have named before.
    /// </summary>
    public Task UpdateAllAsync(ProjectId project, IEnumerable<string> others, CancellationToken cancellationToken)
    {
        var named = new SortedSet<string>(others, StringComparer.Ordinal);
        return UpdateAsync(
            project,
            async state =>
            {
                // Users of an earlier attempt may have got a row then.
                named.UnionWith(state.Access.Users.Keys);
                foreach (var user in named)
                {
                    await WriteAsync(state, user, cancellationToken);
                }

                await WriteAsync(state, user: null, cancellationToken);
            },
            cancellationToken
        );
    }

    /// <summary>Repairs or removes a row that may be wrong.</summary>
    public async Task RepairAsync(ListingRow row, CancellationToken cancellationToken)
    {
        if (!await IsRightAsync(row, cancellationToken))
        {
            await UpdateAsync(row.Project, row.User, cancellationToken);
        }
    }

    private async Task<bool> IsRightAsync(ListingRow row, CancellationToken cancellationToken) =>
        await new ProjectLog(store, row.Project).ReadHeadAsync(cancellationToken) is { Value: { IsDeleted: false } head }
        && head.AccessVersion == row.Version;

    private async Task UpdateAsync(ProjectId project, Func<ListedState, Task> write, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(store, project);
        await Races.RunAsync(
            $"The listing of project {project}",
            async () =>
            {
                var state = await ReadAsync(log, cancellationToken);
                await write(state);
                await catalog.WriteAsync(state, cancellationToken);
                return VersionOf(await log.ReadHeadAsync(cancellationToken)) == state.Version;
            },
            cancellationToken
        );
    }

    /// <summary>
    /// The access list may be newer than the head, which is read first; then the check after the write finds a newer
    /// head.
    /// </summary>
    private async Task<ListedState> ReadAsync(ProjectLog log, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(cancellationToken);
        if (head is not { Value.IsDeleted: false })
        {
            return new ListedState(log.Project, VersionOf(head), string.Empty, AccessList.Empty);
        }

        var access = await log.ReadAccessAsync(cancellationToken);
        var name = await log.ReadNameAsync(cancellationToken) ?? await AdoptNameAsync(log, head, cancellationToken);
        return new ListedState(log.Project, VersionOf(head), name, access.List);
    }

    /// <summary>The name of an existing project.</summary>
    public async Task<string> FindNameAsync(ProjectLog log, CancellationToken cancellationToken) =>
        await log.ReadNameAsync(cancellationToken)
        ?? await catalog.FindNameAsync(log.Project, cancellationToken)
        ?? log.Project.Id.Text;

    /// <summary>The last release stored the name in the catalogue only.</summary>
    private async Task<string> AdoptNameAsync(ProjectLog log, StoredHead head, CancellationToken cancellationToken)
    {
        if (await catalog.FindNameAsync(log.Project, cancellationToken) is not { } name)
        {
            return log.Project.Id.Text;
        }

        await log.AddNameAsync(head, name, cancellationToken);
        return name;
    }

    private async Task WriteAsync(ListedState state, string? user, CancellationToken cancellationToken)
    {
        if (user is null)
        {
            var shared = ListingPlace.OfEveryone(state.Project);
            await WriteAsync(state, shared, user, isListed: state.Access.Everyone > Role.None, cancellationToken);
            return;
        }

        // Insert before removing: a project that moves within a list is never missing from it.
        var role = state.Access.Users.GetValueOrDefault(user);
        foreach (var isOwner in role == Role.Owner ? [true, false] : new[] { false, true })
        {
            var place = ListingPlace.Of(user, state.Project, isOwner);
            await WriteAsync(state, place, user, isListed: role > Role.None && isOwner == (role == Role.Owner), cancellationToken);
        }
    }

    private Task WriteAsync(
        ListedState state,
        ListingPlace place,
        string? user,
        bool isListed,
        CancellationToken cancellationToken
    ) =>
        Races.RunAsync(
            $"A row of the listing of {state.Project}",
            async () =>
            {
                var row = await store.GetAsync(TableName.Projects, place.Partition, place.Key, cancellationToken);
                if (row is null ? !isListed : ListingRow.Read(row).Version > state.Version)
                {
                    return true;
                }

                var properties = ListingRow.ToProperties(state.Project, state.Name, user, state.Version);
                TableAction action =
                    row is null ? new TableAction.Insert(place.Key, properties)
                    : isListed ? new TableAction.Replace(place.Key, properties, row.ETag)
                    : new TableAction.Delete(place.Key, row.ETag);
                var result = await store.SubmitAsync(TableName.Projects, place.Partition, [action], cancellationToken);
                return result is TransactionResult.Committed;
            },
            cancellationToken
        );

    /// <summary>
    /// A deletion increases the version too. Before a project exists, no row of it can be right, whatever its version.
    /// </summary>
    private static long VersionOf(StoredHead? head) => head?.Value.AccessVersion ?? long.MaxValue;
}

/// <summary>The state of a project as listings show it.</summary>
/// <param name="Project">The project.</param>
/// <param name="Version">The version of its access list; the highest number when the project does not exist.</param>
/// <param name="Name">Its name.</param>
/// <param name="Access">The access list; empty when the project is deleted or does not exist.</param>
internal sealed record ListedState(ProjectId Project, long Version, string Name, AccessList Access)
{
    /// <summary>Whether the project exists.</summary>
    public bool Exists => Name.Length > 0;
}
