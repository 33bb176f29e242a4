using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Keeps the lists of projects in step with the projects: the catalogue, a row for each user whom an access list names, and a shared row
/// for what everybody may open. All of them are made from the project's own rows and never from a request, so that whoever writes last
/// writes what holds.
/// </summary>
/// <remarks>
/// A row says from which version of the access list it was made, gives way to a newer one, and is looked at again after it was written:
/// when the project has changed since, it is made anew. What a process that died leaves wrong shows nobody a project that they may not
/// see, since readers compare the version (<see cref="ListingReader"/>), and is repaired by the sweep.
/// </remarks>
internal sealed class ProjectListing(ITableStore store)
{
    /// <summary>Changes of one project's rights that may come while its rows are written; more at a time is a mistake.</summary>
    private static readonly OptimisticWrite Races = new();

    private readonly CatalogTable catalog = new(store);

    /// <summary>Lists a project for one user as its access list says now; for null, for everybody.</summary>
    public Task UpdateAsync(ProjectId project, string? user, CancellationToken cancellationToken) =>
        UpdateAsync(project, state => WriteAsync(state, user, cancellationToken), cancellationToken);

    /// <summary>Lists a project for all whom its access list names, and for <paramref name="others"/>, whom it may have named once.</summary>
    public Task UpdateAllAsync(ProjectId project, IEnumerable<string> others, CancellationToken cancellationToken)
    {
        var named = new SortedSet<string>(others, StringComparer.Ordinal);
        return UpdateAsync(
            project,
            async state =>
            {
                // Whoever was named at an earlier look may have got a row then.
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

    /// <summary>Puts a row right that may be wrong, or removes it.</summary>
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

    /// <summary>The list may be newer than the head that was read before it; then the look afterwards finds a newer head.</summary>
    private async Task<ListedState> ReadAsync(ProjectLog log, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(cancellationToken);
        if (head is not { Value.IsDeleted: false })
        {
            return new ListedState(log.Project, VersionOf(head), string.Empty, AccessList.Nobody);
        }

        var access = await log.ReadAccessAsync(cancellationToken);
        var name = await log.ReadNameAsync(cancellationToken) ?? await AdoptNameAsync(log, head, cancellationToken);
        return new ListedState(log.Project, VersionOf(head), name, access.List);
    }

    /// <summary>The name of a project that is there.</summary>
    public async Task<string> FindNameAsync(ProjectLog log, CancellationToken cancellationToken) =>
        await log.ReadNameAsync(cancellationToken)
        ?? await catalog.FindNameAsync(log.Project, cancellationToken)
        ?? log.Project.Id.Text;

    /// <summary>The last release kept the name in the catalogue alone.</summary>
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
            var shared = ListingPlace.OfEverybody(state.Project);
            await WriteAsync(state, shared, user, isListed: state.Access.Everybody > Role.None, cancellationToken);
            return;
        }

        // The row that comes before the one that goes: a project that changes its place is never missing.
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

    /// <summary>A deletion counts up too. Before a project is there no row of it can be right, whatever version it names.</summary>
    private static long VersionOf(StoredHead? head) => head?.Value.AccessVersion ?? long.MaxValue;
}

/// <summary>What lists say of a project.</summary>
/// <param name="Project">The project.</param>
/// <param name="Version">The version of its access list; the highest number when there is no such project.</param>
/// <param name="Name">Its name.</param>
/// <param name="Access">Who may open it; nobody when it is deleted or not there.</param>
internal sealed record ListedState(ProjectId Project, long Version, string Name, AccessList Access)
{
    /// <summary>Whether the project is there at all.</summary>
    public bool Exists => Name.Length > 0;
}
