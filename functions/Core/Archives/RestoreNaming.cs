using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// The last step of a restore: writes the head that names the stored rows, lists the project, and closes its
/// subscribers' connections. The next request repeats interrupted steps; the sweep repeats the listing and the closing
/// too.
/// </summary>
internal sealed class RestoreNaming(EngineDependencies services, SequencerRegistry sequencers)
{
    /// <summary>
    /// Engines that write the head meanwhile win. The attempts suffice for a project under rapid editing.
    /// </summary>
    private static readonly OptimisticWrite Races = new(attemptsMax: 20);

    /// <summary>An engine with an older log fails the first attempt and reloads for the next.</summary>
    private const int PublishAttemptsMax = 3;

    private readonly PendingPublicationTable due = new(services.Store);
    private readonly JobTable jobs = new(services.Store.Background);
    private readonly ProjectListing listing = new(services.Store.Background);

    /// <summary>Executes the step. Null when it is done; otherwise the reason why it failed.</summary>
    public async Task<ArchiveResult?> NameAsync(
        OpenArchive archive,
        ArchivePreamble preamble,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        var engine = $"restore-{archive.Name}";
        await due.WriteAsync(archive.Project, engine, services.Time.GetUtcNow(), owes: false, cancellationToken);
        var log = new ProjectLog(services.Store, archive.Project);
        var former = (await log.ReadAccessAsync(cancellationToken)).List.Users.Keys;
        var job = await jobs.EnsureAsync(ProjectJob.Restoration(archive.Project, former, archive.Name), cancellationToken);
        if (await WriteHeadAsync(log, archive, preamble, request, cancellationToken) is { } refused)
        {
            return refused;
        }

        sequencers.NoteCreated(archive.Project);
        await listing.UpdateAllAsync(archive.Project, job.Users, cancellationToken);
        await jobs.RemoveAsync(job, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await sequencers.PublishAsync(archive.Project, cancellationToken);
            if (outcome is ProjectOutcome.Done)
            {
                await due.RemoveAsync(archive.Project, engine, cancellationToken);
                return null;
            }

            if (attempt == PublishAttemptsMax)
            {
                return new ArchiveResult.Unavailable("It is restored; its subscribers are not closed yet.");
            }
        }
    }

    private async Task<ArchiveResult?> WriteHeadAsync(
        ProjectLog log,
        OpenArchive archive,
        ArchivePreamble preamble,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        ArchiveResult? refused = null;
        var isOver = await Races.TryAsync(
            async () =>
            {
                var outcome = await TryWriteHeadAsync(log, archive, preamble, request, cancellationToken);
                refused = outcome.Refused;
                return outcome.IsOver;
            },
            cancellationToken
        );
        return isOver
            ? refused
            : new ArchiveResult.Unavailable("The project is being edited too fast: every attempt to replace it lost its race.");
    }

    private async Task<(bool IsOver, ArchiveResult? Refused)> TryWriteHeadAsync(
        ProjectLog log,
        OpenArchive archive,
        ArchivePreamble preamble,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        var restore = archive.Restore!;
        var stored = await log.ReadHeadAsync(cancellationToken);
        var known = stored?.Value;
        if (known is not null && known.Revision >= RowKeys.RevisionOf(restore.AnchorKey))
        {
            // Only a head that an earlier attempt of this restore wrote names this base.
            var isOwn = string.Equals(known.BaseKey, restore.BaseKey, StringComparison.Ordinal) && !known.IsDeleted;
            return (true, isOwn ? null : new ArchiveResult.Conflict("The project was restored by another request, or deleted, meanwhile."));
        }

        if (known is { IsDeleted: false } && !request.Replace)
        {
            return (true, new ArchiveResult.Conflict(ArchiveResult.AlreadyExists));
        }

        if (known is { IsDeleted: true } && await RefuseDeletedAsync(log, known, restore, cancellationToken) is { } refused)
        {
            return (true, refused);
        }

        if (RestoredHead.Of(known, preamble.Manifest, restore, services.Time.GetUtcNow()) is not { } next)
        {
            return (true, new ArchiveResult.Refused($"generation: it would pass {ArchiveLimits.NumberMax}"));
        }

        var isLive = known is { IsDeleted: false };
        var access = isLive ? await log.ReadAccessAsync(cancellationToken) : null;
        var row = RestoredHead.Access(access, preamble, request.WithAccess, restore.User);
        var name = isLive ? null : request.Name ?? preamble.Manifest.Name;
        if (!await log.RestoreAsync(stored, next, row, name, cancellationToken))
        {
            return (false, null);
        }

        services.Observer.Restored(archive.Project, next.Revision, restore.User);
        return (true, null);
    }

    /// <summary>
    /// A purge, even a late one, removes the rows of this restore, the anchor first, and writes the head with each
    /// removal. The base is stored first: a purge that ran before the anchor was stored has removed it. So the rows are
    /// complete while both exist, and stay so when the head that was read before is the one that is replaced.
    /// </summary>
    private static async Task<ArchiveResult?> RefuseDeletedAsync(
        ProjectLog log,
        Head known,
        RestoreProgress restore,
        CancellationToken cancellationToken
    ) =>
        !known.IsPurged ? new ArchiveResult.Unavailable(ArchiveResult.IsBeingDeleted)
        : await log.HasPayloadAsync(restore.AnchorKey, cancellationToken) && await log.HasPayloadAsync(restore.BaseKey, cancellationToken) ? null
        : new ArchiveResult.Conflict("The restored data was removed with the deleted project of this id. Begin another upload.");
}
