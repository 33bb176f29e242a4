using ServerlessSync.Core.Access;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Archives of projects, out and in. Whoever owns a project may have its archive; to restore one is an administrator's right, as it takes the
/// place of a project without asking its people.
/// </summary>
/// <remarks>
/// A request works for <see cref="ArchiveOptions.WorkTime"/> at most and says whether it is to be repeated. One at a time works in a process:
/// each holds the state of a project in memory beside the engines.
/// </remarks>
public sealed class ArchiveOffice : IDisposable
{
    private const string Busy = "Another archive is being worked on; try again in some seconds.";

    private readonly SyncServices services;
    private readonly ArchiveOptions options;
    private readonly TableArchiveStore store;
    private readonly ArchiveDirectory directory;
    private readonly ArchiveMaker maker;
    private readonly ArchiveRestorer restorer;
    private readonly RestoreNaming naming;
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Opens the office; does no I/O.</summary>
    public ArchiveOffice(SyncServices services, SequencerRegistry sequencers, ProjectCatalog catalog, ArchiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        this.services = services;
        this.options = options;
        store = new TableArchiveStore(services.Store);
        directory = new ArchiveDirectory(services.Store, services.Time);
        maker = new ArchiveMaker(services, store, catalog);
        restorer = new ArchiveRestorer(services, store, directory);
        naming = new RestoreNaming(services, sequencers, catalog);
    }

    /// <summary>Begins the archive of a project, for an owner or an administrator.</summary>
    public async Task<ArchiveResult> BeginAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        if (await NeedsOwnerAsync(user, project, cancellationToken) is { } refused)
        {
            return refused;
        }

        return await AddAsync(project, isUpload: false, cancellationToken) is { } added
            ? await AdvanceAsync(added, cancellationToken)
            : TooMany();
    }

    /// <summary>Goes on with the archive of a project; nothing is left to do when it is complete.</summary>
    public async Task<ArchiveResult> ContinueAsync(string user, ProjectId project, string name, CancellationToken cancellationToken) =>
        await FindMadeAsync(user, project, name, cancellationToken) is var (archive, refused) && archive is not null
            ? await AdvanceAsync(archive, cancellationToken)
            : refused!;

    /// <summary>How far an archive has come.</summary>
    public async Task<ArchiveResult> DescribeAsync(string user, ProjectId project, string name, CancellationToken cancellationToken) =>
        await FindMadeAsync(user, project, name, cancellationToken) is var (archive, refused) && archive is not null
            ? Describe(archive)
            : refused!;

    /// <summary>A part of an archive. Parts never change, so that one can be fetched again.</summary>
    public async Task<ArchiveResult> ReadPartAsync(
        string user,
        ProjectId project,
        string name,
        int number,
        CancellationToken cancellationToken
    )
    {
        var (archive, refused) = await FindMadeAsync(user, project, name, cancellationToken);
        if (archive is null)
        {
            return refused!;
        }

        return number <= archive.Parts && await store.ReadAsync(name, number, cancellationToken) is { } part
            ? new ArchiveResult.Part(part)
            : new ArchiveResult.NotFound();
    }

    /// <summary>Removes an archive before its time.</summary>
    public async Task<ArchiveResult> RemoveAsync(string user, ProjectId project, string name, CancellationToken cancellationToken)
    {
        var (archive, refused) = await FindMadeAsync(user, project, name, cancellationToken);
        return archive is null ? refused! : await RemoveAsync(archive, cancellationToken);
    }

    /// <summary>Begins an upload that is to be restored under an id, for an administrator.</summary>
    public async Task<ArchiveResult> BeginUploadAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        if (NeedsAdministrator(user) is { } refused)
        {
            return refused;
        }

        return await AddAsync(project, isUpload: true, cancellationToken) is { } added ? Describe(added) : TooMany();
    }

    /// <summary>Why a user may not send parts of an upload; null for who may. Asked before anything is received.</summary>
    public async Task<ArchiveResult?> RefuseUploadAsync(string user, ProjectId project, string name, CancellationToken cancellationToken) =>
        (await FindUploadAsync(user, project, name, cancellationToken)).Refused;

    /// <summary>Takes a part of an upload, in the place of one of the same number; parts may come in any order.</summary>
    public async Task<ArchiveResult> WritePartAsync(
        string user,
        ProjectId project,
        string name,
        int number,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        var (upload, refused) = await FindUploadAsync(user, project, name, cancellationToken);
        if (upload is null)
        {
            return refused!;
        }

        if (upload.Restore is not null)
        {
            return new ArchiveResult.Conflict("The upload is being restored; begin another one.");
        }

        if (ArchivePart.TryRead(bytes, out var reason) is not { } part)
        {
            return new ArchiveResult.Refused($"part {number} {reason}");
        }

        if (part.Number != number)
        {
            return new ArchiveResult.Refused($"part {number} is number {part.Number} of its archive");
        }

        await store.WriteAsync(name, number, bytes, cancellationToken);
        return new ArchiveResult.Done();
    }

    /// <summary>Removes an upload; what a restore that was not finished has stored goes with it.</summary>
    public async Task<ArchiveResult> RemoveUploadAsync(string user, ProjectId project, string name, CancellationToken cancellationToken)
    {
        var (upload, refused) = await FindUploadAsync(user, project, name, cancellationToken);
        return upload is null ? refused! : await RemoveAsync(upload, cancellationToken);
    }

    /// <summary>
    /// Restores an upload, or goes on restoring it. Done when those who had the project open are closed; the numbers go on at the highest
    /// known and <see cref="ArchiveLimits.RevisionGap"/>.
    /// </summary>
    public async Task<ArchiveResult> RestoreAsync(
        string user,
        ProjectId project,
        string name,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var (upload, refused) = await FindUploadAsync(user, project, name, cancellationToken);
        if (upload is null)
        {
            return refused!;
        }

        if (request.Name is not null && ProjectCatalog.NameFault(request.Name) is { } fault)
        {
            return new ArchiveResult.Refused(fault);
        }

        return upload is { IsComplete: true, Restore: { } restore }
            ? new ArchiveResult.Restored(RowKeys.RevisionOf(restore.AnchorKey))
            : await WorkAsync(upload, claimed => RestoreAsync(claimed, user, request, cancellationToken), cancellationToken);
    }

    /// <summary>Removes archives whose time is over, and those of deleted projects. Meant for a timer.</summary>
    /// <returns>The number of archives removed.</returns>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var archive in await directory.ListAsync(cancellationToken))
        {
            var isOver = archive.Expires <= services.Time.GetUtcNow();
            if (isOver || (!archive.IsUpload && await HeadOfAsync(archive.Project, cancellationToken) is not { Value.IsDeleted: false }))
            {
                removed += await RemoveAsync(archive, cancellationToken) is ArchiveResult.Done ? 1 : 0;
            }
        }

        return removed;
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<ArchiveResult> RestoreAsync(
        OpenArchive archive,
        string user,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        var log = new ProjectLog(services.Store, archive.Project);
        var known = (await log.ReadHeadAsync(cancellationToken))?.Value;
        if (archive.Restore is not { Stage: RestoreStage.Naming })
        {
            if (known is { IsDeleted: false } && !request.Replace)
            {
                await directory.ReleaseAsync(archive, cancellationToken);
                return new ArchiveResult.Conflict(ArchiveResult.IsThere);
            }

            if (known is { IsDeleted: true } && archive.Restore is null && !await log.IsPurgedAsync(cancellationToken))
            {
                // What is still removed of the old project could be taken from the new one.
                await directory.ReleaseAsync(archive, cancellationToken);
                return new ArchiveResult.Unavailable("The project of this id is still being deleted.");
            }
        }

        var deadline = new Deadline(services.Time, options.WorkTime);
        var (advanced, preamble) = await restorer.AdvanceAsync(archive, known, user, request.Digest, deadline, cancellationToken);
        if (advanced.Restore!.Stage != RestoreStage.Naming)
        {
            return Describe(await directory.ReleaseAsync(advanced, cancellationToken));
        }

        if (Check(request, preamble) is { } reason)
        {
            await directory.ReleaseAsync(advanced, cancellationToken);
            return new ArchiveResult.Refused(reason);
        }

        var refused = await naming.NameAsync(advanced, preamble, request, cancellationToken);
        await directory.ReleaseAsync(advanced with { IsComplete = refused is null }, cancellationToken);
        return refused ?? new ArchiveResult.Restored(RowKeys.RevisionOf(advanced.Restore.AnchorKey));
    }

    private static string? Check(RestoreRequest request, ArchivePreamble preamble) =>
        request.WithAccess && !preamble.Access.HasOwner ? "access: the archive's list names no owner"
        : request.Name is null ? ProjectCatalog.NameFault(preamble.Manifest.Name)
        : null;

    private Task<ArchiveResult> AdvanceAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        archive.IsComplete
            ? Task.FromResult<ArchiveResult>(Describe(archive))
            : WorkAsync(
                archive,
                async claimed =>
                {
                    var deadline = new Deadline(services.Time, options.WorkTime);
                    var advanced = await maker.AdvanceAsync(claimed, deadline, cancellationToken);
                    return advanced is null
                        ? new ArchiveResult.NotFound()
                        : Describe(await directory.ReleaseAsync(advanced, cancellationToken));
                },
                cancellationToken
            );

    /// <summary>Has one request at a time work on an archive, and one archive be worked on in this process.</summary>
    private async Task<ArchiveResult> WorkAsync(
        OpenArchive archive,
        Func<OpenArchive, Task<ArchiveResult>> work,
        CancellationToken cancellationToken
    )
    {
        if (!await gate.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return new ArchiveResult.Unavailable(Busy);
        }

        try
        {
            return await directory.ClaimAsync(archive, services.Ids.NewId(), cancellationToken) is { } claimed
                ? await TryAsync(claimed, work, cancellationToken)
                : new ArchiveResult.Unavailable(Busy);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<ArchiveResult> TryAsync(
        OpenArchive claimed,
        Func<OpenArchive, Task<ArchiveResult>> work,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await work(claimed);
        }
        catch (ArchiveException exception)
        {
            await GiveBackAsync(claimed, cancellationToken);
            return new ArchiveResult.Refused(exception.Message);
        }
        catch (StorageException)
        {
            // The next request need not wait until this one counts as dead.
            await GiveBackAsync(claimed, cancellationToken);
            throw;
        }
    }

    /// <summary>Gives the work back from where it was noted last.</summary>
    private async Task GiveBackAsync(OpenArchive claimed, CancellationToken cancellationToken)
    {
        try
        {
            if (
                await directory.FindAsync(claimed.Name, cancellationToken) is { } now
                && string.Equals(now.Worker, claimed.Worker, StringComparison.Ordinal)
            )
            {
                await directory.ReleaseAsync(now, cancellationToken);
            }
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(claimed.Project, exception);
        }
    }

    private async Task<OpenArchive?> AddAsync(ProjectId project, bool isUpload, CancellationToken cancellationToken)
    {
        var open = (await directory.ListAsync(cancellationToken)).Count(archive => archive.Project == project);
        if (open >= ArchiveLimits.OpenMax)
        {
            return null;
        }

        var archive = new OpenArchive(services.Ids.NewId(), project, isUpload, services.Time.GetUtcNow() + options.KeptFor);
        await directory.AddAsync(archive, cancellationToken);
        return await directory.FindAsync(archive.Name, cancellationToken);
    }

    private async Task<ArchiveResult> RemoveAsync(OpenArchive archive, CancellationToken cancellationToken)
    {
        if (await directory.ClaimAsync(archive, services.Ids.NewId(), cancellationToken) is not { } claimed)
        {
            return new ArchiveResult.Unavailable(Busy);
        }

        try
        {
            await restorer.UndoAsync(claimed, cancellationToken);
        }
        catch (ArchiveException exception)
        {
            // Its parts are gone or were never whole: what it stored is not to be found by it.
            services.Observer.Failed(archive.Project, exception);
        }

        await store.RemoveAsync(archive.Name, cancellationToken);
        await directory.RemoveAsync(archive.Name, cancellationToken);
        return new ArchiveResult.Done();
    }

    private async Task<(OpenArchive? Archive, ArchiveResult? Refused)> FindMadeAsync(
        string user,
        ProjectId project,
        string name,
        CancellationToken cancellationToken
    ) =>
        await NeedsOwnerAsync(user, project, cancellationToken) is { } refused
            ? (null, refused)
            : await FindAsync(project, name, isUpload: false, cancellationToken);

    private async Task<(OpenArchive? Archive, ArchiveResult? Refused)> FindUploadAsync(
        string user,
        ProjectId project,
        string name,
        CancellationToken cancellationToken
    ) =>
        NeedsAdministrator(user) is { } refused ? (null, refused) : await FindAsync(project, name, isUpload: true, cancellationToken);

    private async Task<(OpenArchive? Archive, ArchiveResult? Refused)> FindAsync(
        ProjectId project,
        string name,
        bool isUpload,
        CancellationToken cancellationToken
    ) =>
        ArchivePart.IsName(name)
        && await directory.FindAsync(name, cancellationToken) is { } archive
        && archive.Project == project
        && archive.IsUpload == isUpload
        && archive.Expires > services.Time.GetUtcNow()
            ? (archive, null)
            : (null, new ArchiveResult.NotFound());

    private async Task<ArchiveResult?> NeedsOwnerAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, project);
        if (await log.ReadHeadAsync(cancellationToken) is not { Value.IsDeleted: false })
        {
            return new ArchiveResult.NotFound();
        }

        return (await log.ReadAccessAsync(cancellationToken)).List.RoleOf(user) switch
        {
            Role.Owner => null,
            _ when options.IsAdministrator(user) => null,
            Role.None => new ArchiveResult.NotFound(),
            _ => new ArchiveResult.NotAllowed("Only an owner of the project may do this."),
        };
    }

    private ArchiveResult.NotAllowed? NeedsAdministrator(string user) =>
        options.IsAdministrator(user) ? null : new ArchiveResult.NotAllowed("Only an administrator may restore an archive.");

    private Task<StoredHead?> HeadOfAsync(ProjectId project, CancellationToken cancellationToken) =>
        new ProjectLog(services.Store, project).ReadHeadAsync(cancellationToken);

    private static ArchiveResult.Conflict TooMany() =>
        new($"archives: at most {ArchiveLimits.OpenMax} of a project at a time; remove one, or wait until it expires");

    private static ArchiveResult.Described Describe(OpenArchive archive) =>
        new(
            new ArchiveStatus(
                archive.Name,
                archive.Expires,
                archive.Parts,
                archive.IsComplete,
                archive.Revision,
                archive.Digest.IsEmpty ? null : Convert.ToHexStringLower(archive.Digest.Span)
            )
        );
}
