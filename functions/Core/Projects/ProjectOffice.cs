using ServerlessSync.Core.Access;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Messages;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Sequencing;

namespace ServerlessSync.Core.Projects;

/// <summary>What people do with whole projects, each checked against the project's access list.</summary>
/// <remarks>A project that a user may not see does not exist for this user: the answer is <see cref="OfficeResult.NotFound"/>.</remarks>
public sealed partial class ProjectOffice
{
    private readonly SyncServices services;
    private readonly SequencerRegistry sequencers;
    private readonly ProjectCatalog catalog;

    /// <summary>Opens the office; does no I/O.</summary>
    public ProjectOffice(SyncServices services, SequencerRegistry sequencers, ProjectCatalog catalog)
    {
        this.services = services;
        this.sequencers = sequencers;
        this.catalog = catalog;
    }

    /// <summary>Makes a project that its maker owns and nobody else sees.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="id">Its id; null for one that is made here.</param>
    /// <param name="name">1 to <see cref="ProjectCatalog.NameLengthMax"/> characters.</param>
    /// <param name="dataset">The dataset as clients and files have it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<OfficeResult> CreateAsync(
        string user,
        JsonId? id,
        string name,
        ReadOnlyMemory<byte> dataset,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(user);
        if (!IsUser(user))
        {
            return new OfficeResult.Refused(BadUser);
        }

        var project = new ProjectId(id ?? JsonId.Of(services.Ids.NewId()));
        var access = AccessList.Nobody.With(user, Role.Owner);
        return await catalog.CreateAsync(project, name, dataset, access, cancellationToken) switch
        {
            CreateResult.Created => new OfficeResult.Created(project),
            CreateResult.Exists => new OfficeResult.Exists(),
            CreateResult.Refused refused => new OfficeResult.Refused(refused.Reason),
            _ => throw new InvalidOperationException("An unknown result."),
        };
    }

    /// <summary>The dataset at the project's last revision, for whoever may see it.</summary>
    public async Task<OfficeResult> ExportAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        var replica = new ProjectReplica(services, project, engine: string.Empty);
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

        return exists && replica.Access.RoleOf(user) >= Role.Viewer
            ? new OfficeResult.Exported(replica.State.Revision, replica.State.Dataset.ToClientJson())
            : new OfficeResult.NotFound();
    }

    /// <summary>Who may do what, for the owner.</summary>
    public async Task<OfficeResult> ReadAccessAsync(string user, ProjectId project, CancellationToken cancellationToken) =>
        await FindAsync(project, cancellationToken) is { } access
            ? NeedsOwner(access, user) ?? new OfficeResult.Access(access)
            : new OfficeResult.NotFound();

    /// <summary>Gives somebody a role, or takes it away. Done when it holds everywhere (decision 0013).</summary>
    /// <param name="user">Who does it: an owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="grantee">Whose role; null for everybody who is logged in.</param>
    /// <param name="role">What they may do from now on.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    public async Task<OfficeResult> GrantAsync(
        string user,
        ProjectId project,
        string? grantee,
        Role role,
        CancellationToken cancellationToken
    )
    {
        if (grantee is not null && !IsUser(grantee))
        {
            return new OfficeResult.Refused(BadUser);
        }

        if (await FindAsync(project, cancellationToken) is not { } access)
        {
            return new OfficeResult.NotFound();
        }

        if (NeedsOwner(access, user) is { } refused)
        {
            return refused;
        }

        var result = Translate(await sequencers.GrantAsync(project, grantee, role, cancellationToken));
        if (result is OfficeResult.Done && await FindAsync(project, cancellationToken) is { } now)
        {
            await catalog.UpdateAccessAsync(project, now, cancellationToken);
        }

        return result;
    }

    /// <summary>Deletes a project with all that it has; its id is never used again.</summary>
    public async Task<OfficeResult> DeleteAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        if (await FindAsync(project, cancellationToken) is not { } access)
        {
            return new OfficeResult.NotFound();
        }

        if (NeedsOwner(access, user) is { } refused)
        {
            return refused;
        }

        await catalog.RemoveAsync(project, cancellationToken);
        var result = Translate(await sequencers.DeleteAsync(project, cancellationToken));
        if (result is OfficeResult.Done)
        {
            await new ProjectLog(services.Store, project).PurgeAsync(cancellationToken);
        }

        return result;
    }

    private static string BadUser => $"user: 1 to {MessageLimits.UserNameLengthMax} characters without control characters";

    private static bool IsUser(string user) => PresenceLimits.IsUserName(user);

    private static OfficeResult? NeedsOwner(AccessList access, string user) =>
        access.RoleOf(user) switch
        {
            Role.Owner => null,
            Role.None => new OfficeResult.NotFound(),
            _ => new OfficeResult.NotAllowed(),
        };

    private async Task<AccessList?> FindAsync(ProjectId project, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, project);
        return await log.ReadHeadAsync(cancellationToken) is { Value.IsDeleted: false }
            ? (await log.ReadAccessAsync(cancellationToken)).List
            : null;
    }

    private static OfficeResult Translate(WorkOutcome outcome) =>
        outcome switch
        {
            WorkOutcome.Done => new OfficeResult.Done(),
            WorkOutcome.Denied => new OfficeResult.NotFound(),
            WorkOutcome.Gone => new OfficeResult.Unavailable("It was not done."),
            WorkOutcome.Refused refused => new OfficeResult.Refused(refused.Reason),
            WorkOutcome.Unavailable unavailable => new OfficeResult.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("An outcome that nothing here can have."),
        };
}
