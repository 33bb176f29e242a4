using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>Makes the archive of one project in table storage, and copies it into a container.</summary>
internal sealed class ArchiveCopy(EngineDependencies services, LoadingGate gate, IArchiveContainer container)
{
    /// <summary>The same as for an archive that an owner makes. If the container is unreachable for longer, a newer archive is made.</summary>
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

    /// <summary>Works until the archive is in the container or the deadline is over.</summary>
    /// <exception cref="LoadingRefusedException">There is no memory for it now, or it waited too long for the gate.</exception>
    /// <exception cref="ArchiveException">The archive cannot be made.</exception>
    public async Task<ArchiveCopyOutcome> AdvanceAsync(ArchiveRoundClaim claim, Deadline deadline, CancellationToken cancellationToken)
    {
        var current = claim.Round.Current!;
        if (await directory.FindAsync(current.Archive, cancellationToken) is not { } archive)
        {
            return ArchiveCopyOutcome.Lost;
        }

        // One part is read while another one is written.
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

    /// <summary>Removes the archive from table storage.</summary>
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

/// <summary>The result of working on an archive for one call.</summary>
internal enum ArchiveCopyOutcome
{
    /// <summary>The deadline is over; the next call continues.</summary>
    Unfinished,

    /// <summary>The archive is in the container.</summary>
    Complete,

    /// <summary>The archive in table storage, its staged parts, or the project no longer exist.</summary>
    Lost,
}
