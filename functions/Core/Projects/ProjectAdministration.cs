using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Projects;

/// <summary>Administrative requests on whole projects, each checked against the project's access list.</summary>
/// <remarks>
/// A project that a user may not see does not exist for this user: the result is
/// <see cref="AdministrationResult.NotFound"/>.
/// </remarks>
public sealed partial class ProjectAdministration
{
    private readonly EngineDependencies services;
    private readonly SequencerRegistry sequencers;
    private readonly ProjectCatalog catalog;
    private readonly ProjectListing listing;
    private readonly ProjectDeletion deletion;
    private readonly JobTable jobs;

    /// <summary>Creates the service without I/O.</summary>
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

    /// <summary>
    /// Checks whether a project can be created with this id and name. Called before its dataset is read.
    /// </summary>
    /// <param name="user">The owner.</param>
    /// <param name="id">The project's id; null to generate one.</param>
    /// <param name="name">1 to <see cref="ProjectRules.NameLengthMax"/> characters.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
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

    /// <summary>Creates a project that only its owner can see.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="id">The project's id; null to generate one.</param>
    /// <param name="name">1 to <see cref="ProjectRules.NameLengthMax"/> characters.</param>
    /// <param name="dataset">The dataset in the form of clients and files.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
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
        var access = AccessList.Empty.With(user, Role.Owner);
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

    /// <summary>The process-wide gate for loading projects into memory.</summary>
    public LoadingGate Loading => sequencers.Loading;

    /// <summary>The dataset at the project's last revision, for users who may see it.</summary>
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
            // A project in quarantine can still be read up to the entry that cannot be applied.
            exists = true;
        }
        catch (ProjectDeletedException)
        {
            return new AdministrationResult.NotFound();
        }

        // Loading takes time, so check the access list that was loaded, which is newer.
        return exists && replica.Access.RoleOf(user) >= Role.Viewer
            ? await ShowAsync(replica.State.Revision, replica.State.Dataset, loading)
            : new AdministrationResult.NotFound();
    }

    /// <summary>The dataset as clients receive it. Its bytes count against the budget until it is sent.</summary>
    private static async Task<AdministrationResult> ShowAsync(long revision, Dataset dataset, LoadingScope loading)
    {
        await loading.Memory.ReserveAsync(LoadingCost.Show * dataset.TextBytes);
        var json = dataset.ToClientJson();
#pragma warning disable CA2000 // The sender of the dataset disposes it.
        var held = loading.Budget.TryOpenBody(json.Length);
#pragma warning restore CA2000
        return held is null ? new AdministrationResult.Unavailable(IsFull) : new AdministrationResult.Exported(revision, json) { Held = held };
    }

    /// <summary>Runs a request that loads a project, and releases its memory.</summary>
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

    /// <summary>The access list, for an owner.</summary>
    public async Task<AdministrationResult> ReadAccessAsync(string user, ProjectId project, CancellationToken cancellationToken) =>
        await FindAsync(project, cancellationToken) is { } access
            ? NeedsOwner(access, user) ?? new AdministrationResult.Access(access)
            : new AdministrationResult.NotFound();

    /// <summary>Grants or revokes a role. Completes when the change is in effect everywhere (decision 0013).</summary>
    /// <param name="user">The requesting owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="grantee">The user whose role changes; null for every logged-in user.</param>
    /// <param name="role">The new role.</param>
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

        // Revoke also names that only older releases accepted.
        if (grantee is not null && !PresenceLimits.IsUserName(grantee) && !access.Users.ContainsKey(grantee))
        {
            return new AdministrationResult.Refused(PresenceLimits.UserNameRule);
        }

        var job = ProjectJob.Listing(project, grantee, services.Ids.NewId());
        await jobs.WriteAsync(job, cancellationToken);
        var result = Translate(await sequencers.GrantAsync(project, grantee, role, cancellationToken));
        if (result is AdministrationResult.Unavailable)
        {
            // The change may be in effect all the same, so the job stays for the sweep.
            return result;
        }

        await listing.UpdateAsync(project, grantee, cancellationToken);
        await jobs.RemoveAsync(job, cancellationToken);
        return result;
    }

    /// <summary>
    /// Deletes a project with all its data; its id is never reused. Completes when only its tombstone is left. A failed
    /// deletion is finished by a repetition, which its first requester may send until it is over, or by the sweep.
    /// </summary>
    public async Task<AdministrationResult> DeleteAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        // Read both for every user, so that the response time to a user without the right does not reveal whether the
        // project exists.
        var begun = deletion.FindAsync(project, cancellationToken);
        var access = await FindUndeletedAsync(project, cancellationToken);
        var job = await begun;
        if (access is not null)
        {
            if (NeedsOwner(access, user) is { } refused)
            {
                return refused;
            }

            // A finished deletion was of an earlier project, in whose place an archive was restored.
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

    /// <summary>
    /// The access list; null when the project does not exist. A deleted project has an empty list or none.
    /// </summary>
    private Task<AccessList?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        sequencers.FindAccessAsync(project, cancellationToken);

    /// <summary>
    /// The access list of a project that is not deleted. Always reads head and list concurrently, so that the response
    /// time does not reveal whether the project exists.
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
            ProjectOutcome.Gone => new AdministrationResult.Unavailable("The request was not executed."),
            ProjectOutcome.Refused refused => new AdministrationResult.Refused(refused.Reason),
            ProjectOutcome.Unavailable unavailable => new AdministrationResult.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("An unexpected outcome."),
        };
}
