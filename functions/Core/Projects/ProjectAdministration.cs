using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Projects;

/// <summary>What people do with whole projects, each checked against the project's access list.</summary>
/// <remarks>A project that a user may not see does not exist for this user: the answer is <see cref="AdministrationResult.NotFound"/>.</remarks>
public sealed partial class ProjectAdministration
{
    private readonly EngineDependencies services;
    private readonly SequencerRegistry sequencers;
    private readonly ProjectCatalog catalog;
    private readonly ProjectListing listing;
    private readonly ProjectDeletion deletion;
    private readonly JobTable jobs;

    /// <summary>Opens the office; does no I/O.</summary>
    public ProjectAdministration(EngineDependencies services, SequencerRegistry sequencers, ProjectCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(services);
        this.services = services;
        this.sequencers = sequencers;
        this.catalog = catalog;
        listing = new ProjectListing(services.Store.Background);
        deletion = new ProjectDeletion(services);
        jobs = new JobTable(services.Store.Background);
    }

    /// <summary>Whether a project can be made under this id and name; the reason when not. Asked before its dataset is read.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="id">Its id; null for one that is made here.</param>
    /// <param name="name">1 to <see cref="ProjectRules.NameLengthMax"/> characters.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AdministrationResult> CheckNewAsync(string user, JsonId? id, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (!PresenceLimits.IsUserName(user))
        {
            return new AdministrationResult.Refused(PresenceLimits.UserNameRule);
        }

        var reason = (id is { } chosen ? ProjectRules.RefuseId(chosen) : null) ?? ProjectRules.RefuseName(name);
        if (reason is not null)
        {
            return new AdministrationResult.Refused(reason);
        }

        return id is { } known && await catalog.IsTakenAsync(new ProjectId(known), cancellationToken)
            ? new AdministrationResult.Exists()
            : new AdministrationResult.Done();
    }

    /// <summary>Makes a project that its maker owns and nobody else sees.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="id">Its id; null for one that is made here.</param>
    /// <param name="name">1 to <see cref="ProjectRules.NameLengthMax"/> characters.</param>
    /// <param name="dataset">The dataset as clients and files have it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AdministrationResult> CreateAsync(
        string user,
        JsonId? id,
        string name,
        ReadOnlyMemory<byte> dataset,
        CancellationToken cancellationToken
    )
    {
        var check = await CheckNewAsync(user, id, name, cancellationToken);
        if (check is not AdministrationResult.Done)
        {
            return check;
        }

        var project = new ProjectId(id ?? JsonId.Of(services.Ids.NewId()));
        var access = AccessList.Nobody.With(user, Role.Owner);
        return await LoadAsync(loading => loading.LoadAsync(() => ImportAsync(loading), cancellationToken));

        async Task<AdministrationResult> ImportAsync(LoadingScope loading)
        {
            await loading.Memory.ReserveAsync((long)LoadingCost.Import * dataset.Length);
            return Translate(project, await catalog.CreateAsync(project, name, dataset, access, cancellationToken));
        }
    }

    private AdministrationResult Translate(ProjectId project, CreateResult result)
    {
        sequencers.NoteCreated(project);
        return result switch
        {
            CreateResult.Created => new AdministrationResult.Created(project),
            CreateResult.Exists => new AdministrationResult.Exists(),
            CreateResult.Refused refused => new AdministrationResult.Refused(refused.Reason),
            _ => throw new InvalidOperationException("An unknown result."),
        };
    }

    /// <summary>Through this goes what loads projects into memory, here as well as for sockets.</summary>
    public LoadingGate Loading => sequencers.Loading;

    /// <summary>The dataset at the project's last revision, for whoever may see it.</summary>
    public async Task<AdministrationResult> ExportAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        if (await FindAsync(project, cancellationToken) is not { } access || access.RoleOf(user) < Role.Viewer)
        {
            return new AdministrationResult.NotFound();
        }

        return await LoadAsync(loading => ExportAsync(user, project, loading, cancellationToken));
    }

    private async Task<AdministrationResult> ExportAsync(
        string user,
        ProjectId project,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        var replica = new ProjectReplica(services, project, loading);
        bool exists;
        try
        {
            exists = await replica.LoadAsync(cancellationToken);
        }
        catch (PoisonedLogException)
        {
            // In quarantine it is still there to be read, as it was before what cannot be applied.
            exists = true;
        }
        catch (ProjectDeletedException)
        {
            return new AdministrationResult.NotFound();
        }

        // Loading took its time: the list that came with it is the newer one.
        return exists && replica.Access.RoleOf(user) >= Role.Viewer
            ? await ShowAsync(replica.State.Revision, replica.State.Dataset, loading)
            : new AdministrationResult.NotFound();
    }

    /// <summary>The dataset as clients get it; its bytes are taken of the budget until they are sent.</summary>
    private static async Task<AdministrationResult> ShowAsync(long revision, Dataset dataset, LoadingScope loading)
    {
        await loading.Memory.ReserveAsync(LoadingCost.Show * dataset.TextBytes);
        var json = dataset.ToClientJson();
#pragma warning disable CA2000 // Who sends the dataset gives it back.
        var held = loading.Budget.TryOpenBody(json.Length);
#pragma warning restore CA2000
        return held is null ? new AdministrationResult.Unavailable(IsFull) : new AdministrationResult.Exported(revision, json) { Held = held };
    }

    /// <summary>Does what loads a project, and gives back what that took.</summary>
    private async Task<AdministrationResult> LoadAsync(Func<LoadingScope, Task<AdministrationResult>> load)
    {
        using var loading = Loading.Open(LoadingKind.Bulk);
        try
        {
            return await load(loading);
        }
        catch (LoadingRefusedException)
        {
            return new AdministrationResult.Unavailable(IsFull);
        }
    }

    private static string IsFull => "The server is at its limit of what it can load at the same time.";

    /// <summary>Who may do what, for the owner.</summary>
    public async Task<AdministrationResult> ReadAccessAsync(string user, ProjectId project, CancellationToken cancellationToken) =>
        await FindAsync(project, cancellationToken) is { } access
            ? NeedsOwner(access, user) ?? new AdministrationResult.Access(access)
            : new AdministrationResult.NotFound();

    /// <summary>Gives somebody a role, or takes it away. Done when it holds everywhere (decision 0013).</summary>
    /// <param name="user">Who does it: an owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="grantee">Whose role; null for everybody who is logged in.</param>
    /// <param name="role">What they may do from now on.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    public async Task<AdministrationResult> GrantAsync(
        string user,
        ProjectId project,
        string? grantee,
        Role role,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(project, cancellationToken) is not { } access)
        {
            return new AdministrationResult.NotFound();
        }

        if (NeedsOwner(access, user) is { } refused)
        {
            return refused;
        }

        // A name that older releases took can still lose its role.
        if (grantee is not null && !PresenceLimits.IsUserName(grantee) && !access.Users.ContainsKey(grantee))
        {
            return new AdministrationResult.Refused(PresenceLimits.UserNameRule);
        }

        var job = ProjectJob.Listing(project, grantee, services.Ids.NewId());
        await jobs.WriteAsync(job, cancellationToken);
        var result = Translate(await sequencers.GrantAsync(project, grantee, role, cancellationToken));
        if (result is AdministrationResult.Unavailable)
        {
            // It may hold all the same, so the row stays for the sweep.
            return result;
        }

        await listing.UpdateAsync(project, grantee, cancellationToken);
        await jobs.RemoveAsync(job, cancellationToken);
        return result;
    }

    /// <summary>
    /// Deletes a project with all that it has; its id is never used again. Done when nothing is left but its tombstone. What could not be
    /// done now is done by a repetition, which whoever asked first may do until the deletion is over, or by the sweep.
    /// </summary>
    public async Task<AdministrationResult> DeleteAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        // Both are read for everybody, so that the answer to who may not delete takes the same time whatever there is.
        var begun = deletion.FindAsync(project, cancellationToken);
        var access = await FindUndeletedAsync(project, cancellationToken);
        var job = await begun;
        if (access is not null)
        {
            if (NeedsOwner(access, user) is { } refused)
            {
                return refused;
            }

            // One that is over was of the project that an archive has been restored in the place of.
            job = job is { IsPurged: false } ? job : await deletion.BeginAsync(project, user, cancellationToken);
        }
        else if (job is null || !string.Equals(job.Subject, user, StringComparison.Ordinal))
        {
            return new AdministrationResult.NotFound();
        }

        if (!job.IsPurged)
        {
            await deletion.RunAsync(job, cancellationToken);
        }

        return new AdministrationResult.Done();
    }

    private static AdministrationResult? NeedsOwner(AccessList access, string user) =>
        access.RoleOf(user) switch
        {
            Role.Owner => null,
            Role.None => new AdministrationResult.NotFound(),
            _ => new AdministrationResult.NotAllowed(),
        };

    /// <summary>The access list as it stands; null when there is no such project. A deleted one has a list on which no user is, or none.</summary>
    private Task<AccessList?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        sequencers.FindAccessAsync(project, cancellationToken);

    /// <summary>
    /// The access list of a project that is not deleted. Head and list are read at once whatever there is, so that the answer to a user
    /// who may not delete it takes the same time.
    /// </summary>
    private async Task<AccessList?> FindUndeletedAsync(ProjectId project, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, project);
        var head = log.ReadHeadAsync(cancellationToken);
        var access = log.ReadAccessAsync(cancellationToken);
        await Task.WhenAll(head, access);
        return await head is { Value.IsDeleted: false } ? (await access).List : null;
    }

    private static AdministrationResult Translate(ProjectOutcome outcome) =>
        outcome switch
        {
            ProjectOutcome.Done => new AdministrationResult.Done(),
            ProjectOutcome.Denied => new AdministrationResult.NotFound(),
            ProjectOutcome.Gone => new AdministrationResult.Unavailable("It was not done."),
            ProjectOutcome.Refused refused => new AdministrationResult.Refused(refused.Reason),
            ProjectOutcome.Unavailable unavailable => new AdministrationResult.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("An outcome that nothing here can have."),
        };
}
