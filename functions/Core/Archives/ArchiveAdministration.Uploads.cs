using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Core.Archives;

/// <content>Uploads and restores, for administrators.</content>
public sealed partial class ArchiveAdministration
{
    /// <summary>Begins an upload to restore under an id, for an administrator.</summary>
    public async Task<ArchiveResult> BeginUploadAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        if (NeedsAdministrator(user) is { } refused)
        {
            return refused;
        }

        return await AddAsync(project, isUpload: true, cancellationToken) is { } added ? Describe(added) : TooMany();
    }

    /// <summary>
    /// Why a user may not send parts of an upload; null when allowed. Called before the body is received.
    /// </summary>
    public async Task<ArchiveResult?> RefuseUploadAsync(string user, ProjectId project, string name, CancellationToken cancellationToken) =>
        (await FindUploadAsync(user, project, name, cancellationToken)).Refused;

    /// <summary>Stores a part of an upload, replacing one of the same number. Parts may arrive in any order.</summary>
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

    /// <summary>Removes an upload and the rows of an unfinished restore.</summary>
    public async Task<ArchiveResult> RemoveUploadAsync(string user, ProjectId project, string name, CancellationToken cancellationToken)
    {
        var (upload, refused) = await FindUploadAsync(user, project, name, cancellationToken);
        return upload is null ? refused! : await RemoveAsync(upload, cancellationToken);
    }

    /// <summary>
    /// Restores an upload, or continues to. Done when the connections of the project's subscribers are closed.
    /// Numbering continues at the highest known number plus <see cref="ArchiveLimits.RevisionGap"/>.
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

        if (request.Name is not null && ProjectRules.RefuseName(request.Name) is { } fault)
        {
            return new ArchiveResult.Refused(fault);
        }

        return upload is { IsComplete: true, Restore: { } restore }
            ? new ArchiveResult.Restored(RowKeys.RevisionOf(restore.AnchorKey))
            : await WorkAsync(upload, (claimed, loading) => RestoreAsync(claimed, loading, user, request, cancellationToken), cancellationToken);
    }

    private async Task<ArchiveResult> RestoreAsync(
        OpenArchive archive,
        LoadingScope loading,
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
                return new ArchiveResult.Conflict(ArchiveResult.AlreadyExists);
            }

            if (known is { IsDeleted: true, IsPurged: false })
            {
                await directory.ReleaseAsync(archive, cancellationToken);
                return new ArchiveResult.Unavailable(ArchiveResult.IsBeingDeleted);
            }
        }

        var deadline = new Deadline(services.Time, options.WorkTime);
        var (advanced, preamble) = await restorer.AdvanceAsync(archive, known, user, request.Digest, loading, deadline, cancellationToken);
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
        : request.Name is null ? ProjectRules.RefuseName(preamble.Manifest.Name)
        : null;

    private async Task<(OpenArchive? Archive, ArchiveResult? Refused)> FindUploadAsync(
        string user,
        ProjectId project,
        string name,
        CancellationToken cancellationToken
    ) =>
        NeedsAdministrator(user) is { } refused ? (null, refused) : await FindAsync(project, name, isUpload: true, cancellationToken);

    private ArchiveResult.NotAllowed? NeedsAdministrator(string user) =>
        options.IsAdministrator(user) ? null : new ArchiveResult.NotAllowed("Only an administrator may restore an archive.");
}
