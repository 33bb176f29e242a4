using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>Makes the archive of one project among the tables, and copies it into a container.</summary>
internal sealed class ArchiveCopy(EngineDependencies services, LoadingGate gate, IArchiveContainer container)
{
    /// <summary>As long as an archive that an owner makes: a container that cannot be reached for longer gets a newer one.</summary>
    private static readonly TimeSpan KeptFor = new ArchiveOptions().KeptFor;

    private readonly TableArchiveStore parts = new(services.Store);
    private readonly ArchiveDirectory directory = new(services.Store.Background, services.Time);
    private readonly ArchiveMaker maker = new(services, new TableArchiveStore(services.Store));

    /// <summary>Begins the archive of a project.</summary>
    public async Task<ArchiveInProgress> BeginAsync(ProjectId project, Head head, CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow();
        var archive = new OpenArchive(services.Ids.NewId(), project, IsUpload: false, now + KeptFor);
        await directory.AddAsync(archive, cancellationToken);
        return new ArchiveInProgress(
            project,
            archive.Name,
            ArchiveName.Of(project, now, archive.Name),
            head.Revision,
            head.AccessVersion
        );
    }

    /// <summary>Goes on until the archive is in the container or time is up.</summary>
    /// <exception cref="LoadingRefusedException">There is no room for it now, or its turn did not come in time.</exception>
    /// <exception cref="ArchiveException">The archive cannot be made.</exception>
    public async Task<ArchiveCopyOutcome> AdvanceAsync(ArchiveRoundClaim claim, Deadline deadline, CancellationToken cancellationToken)
    {
        var current = claim.Round.Current!;
        if (await directory.FindAsync(current.Archive, cancellationToken) is not { } archive)
        {
            return ArchiveCopyOutcome.Lost;
        }

        // What is read and what is written of it is one part each.
        using var loading = gate.Open(LoadingKind.Bulk);
        await loading.Memory.ReserveAsync(2L * ArchiveLimits.PartBytesMax);
        while (!archive.IsComplete)
        {
            if (archive.Parts > 0 && deadline.IsOver)
            {
                return ArchiveCopyOutcome.Unfinished;
            }

            if (await maker.AdvanceAsync(archive, loading, deadline, cancellationToken) is not { } advanced)
            {
                return ArchiveCopyOutcome.Lost;
            }

            archive = await directory.SaveAsync(advanced, cancellationToken);
            current = current with { Attempts = 0 };
            await claim.SaveAsync(claim.Round with { Current = current }, cancellationToken);
        }

        return await CopyAsync(claim, archive, deadline, cancellationToken);
    }

    /// <summary>Removes what was made among the tables.</summary>
    public async Task ForgetAsync(ArchiveInProgress current, CancellationToken cancellationToken)
    {
        await parts.RemoveAsync(current.Archive, cancellationToken);
        await directory.RemoveAsync(current.Archive, cancellationToken);
    }

    private async Task<ArchiveCopyOutcome> CopyAsync(
        ArchiveRoundClaim claim,
        OpenArchive archive,
        Deadline deadline,
        CancellationToken cancellationToken
    )
    {
        for (var current = claim.Round.Current!; current.Copied < archive.Parts;)
        {
            if (deadline.IsOver)
            {
                return ArchiveCopyOutcome.Unfinished;
            }

            var number = current.Copied + 1;
            if (await parts.ReadAsync(archive.Name, number, cancellationToken) is not { } part)
            {
                return ArchiveCopyOutcome.Lost;
            }

            await container.StageAsync(current.Name, number, part, cancellationToken);
            current = current with { Copied = number, Bytes = current.Bytes + part.Length, Attempts = 0 };
            await claim.SaveAsync(claim.Round with { Current = current }, cancellationToken);
        }

        var label = new ArchiveLabel(archive.Parts, archive.Revision, Convert.ToHexStringLower(archive.Digest.Span));
        return await container.CommitAsync(claim.Round.Current!.Name, label, cancellationToken)
            ? ArchiveCopyOutcome.Complete
            : ArchiveCopyOutcome.Lost;
    }
}

/// <summary>How far an archive has come on its way into a container.</summary>
internal enum ArchiveCopyOutcome
{
    /// <summary>There is more to be done.</summary>
    Unfinished,

    /// <summary>It is there.</summary>
    Complete,

    /// <summary>What was made of it is not there any more, or the project is not.</summary>
    Lost,
}
