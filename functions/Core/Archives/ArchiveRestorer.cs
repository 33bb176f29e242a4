using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Writes the rows of a project from an archive: its base, an anchor as after a compaction, and the contents of
/// versions, all under new keys. Readers do not see them until <see cref="RestoreNaming"/> writes a head that names
/// them.
/// </summary>
internal sealed class ArchiveRestorer(EngineDependencies services, IArchiveStore store, ArchiveDirectory directory)
{
    /// <summary>
    /// Contents between two saves of the progress: as many may have to be stored again, or removed, after a crash.
    /// </summary>
    private const int ContentsPerNote = 50;

    /// <summary>Continues until all rows are stored or the time is up.</summary>
    /// <param name="archive">The archive, which the caller has claimed.</param>
    /// <param name="known">The head of the existing or former project; null for none.</param>
    /// <param name="user">The administrator.</param>
    /// <param name="digest">The digest that the archive must have; null for any.</param>
    /// <param name="loading">The scope for memory and turns.</param>
    /// <param name="deadline">The time after which no further step begins.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArchiveException">The archive cannot be restored.</exception>
    /// <exception cref="LoadingRefusedException">
    /// There is no memory for it now, or its turn did not come in time.
    /// </exception>
    public async Task<(OpenArchive Archive, ArchivePreamble Preamble)> AdvanceAsync(
        OpenArchive archive,
        Head? known,
        string user,
        string? digest,
        LoadingScope loading,
        Deadline deadline,
        CancellationToken cancellationToken
    )
    {
        var reader = new ArchiveReader(store, archive.Name, loading.Memory);
        var preamble = await ArchivePreamble.ReadAsync(reader, cancellationToken);
        archive = archive.Restore is null ? await BeginAsync(archive, known, preamble, user, cancellationToken) : archive;
        if (archive.Restore!.Stage == RestoreStage.Begun)
        {
            var begun = archive;
            await loading.LoadAsync(() => StoreStateAsync(reader, begun, preamble, cancellationToken), cancellationToken);
            archive = await directory.SaveAsync(At(archive, reader, RestoreStage.StateStored), cancellationToken);
        }
        else
        {
            reader.Seek(archive.Restore.Position);
        }

        return archive.Restore!.Stage == RestoreStage.Naming
            ? (archive, preamble)
            : (await StoreContentsAsync(reader, archive, preamble.Index, digest, deadline, cancellationToken), preamble);
    }

    /// <summary>
    /// Whether the head write of a request that has ended may still be carried out. No request and no storage
    /// transaction lasts beyond the claim under which it began.
    /// </summary>
    public async Task<bool> MayYetBeNamedAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        archive is { IsComplete: false, Restore: { Stage: RestoreStage.Naming } restore }
        && archive.WorkerExpires > services.Time.GetUtcNow()
        && !((await HeadOfAsync(archive, cancellationToken))?.Revision >= RowKeys.RevisionOf(restore.AnchorKey));

    /// <summary>Removes the rows of an abandoned restore, unless the project's head names them.</summary>
    public async Task UndoAsync(OpenArchive archive, LoadingScope loading, CancellationToken cancellationToken)
    {
        if (archive is { IsComplete: true } or { Restore: null } || await IsNamedAsync(archive, cancellationToken))
        {
            return;
        }

        var restore = archive.Restore;
        var log = new ProjectLog(services.Store, archive.Project);
        await log.RemovePayloadAsync(restore.BaseKey, cancellationToken);
        await log.RemovePayloadAsync(restore.AnchorKey, cancellationToken);
        if (restore.Stage == RestoreStage.Begun)
        {
            return;
        }

        var index = (await ArchivePreamble.ReadAsync(new ArchiveReader(store, archive.Name, loading.Memory), cancellationToken)).Index;

        var last = Math.Min(index.Count, archive.Contents + ContentsPerNote);
        for (var ordinal = 0; ordinal < last; ordinal++)
        {
            await log.RemovePayloadAsync(KeyOf(archive, index, ordinal), cancellationToken);
        }
    }

    private async Task<bool> IsNamedAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        archive.Restore!.Stage == RestoreStage.Naming
        && await HeadOfAsync(archive, cancellationToken) is { IsDeleted: false } head
        && string.Equals(head.BaseKey, archive.Restore.BaseKey, StringComparison.Ordinal);

    private async Task<Head?> HeadOfAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        (await new ProjectLog(services.Store, archive.Project).ReadHeadAsync(cancellationToken))?.Value;

    /// <summary>Chooses the keys, and saves them before storing rows under them.</summary>
    private async Task<OpenArchive> BeginAsync(
        OpenArchive archive,
        Head? known,
        ArchivePreamble preamble,
        string user,
        CancellationToken cancellationToken
    )
    {
        var revision =
            RestoredHead.Revision(known, preamble.Manifest)
            ?? throw new ArchiveException($"part 1: manifest: highest: the project's numbers would pass {ArchiveLimits.NumberMax}");
        var restore = new RestoreProgress(
            RowKeys.Base(services.Ids.NewId()),
            RowKeys.Anchor(revision, services.Ids.NewId()),
            user,
            RestoreStage.Begun,
            ArchivePosition.Start
        );
        _ =
            RestoredHead.Of(known, preamble.Manifest, restore, services.Time.GetUtcNow())
            ?? throw new ArchiveException($"part 1: manifest: generation: it would pass {ArchiveLimits.NumberMax}");
        return await directory.SaveAsync(archive with { Restore = restore, Revision = preamble.Manifest.Revision }, cancellationToken);
    }

    /// <returns>The revision of the state.</returns>
    private async Task<long> StoreStateAsync(
        ArchiveReader reader,
        OpenArchive archive,
        ArchivePreamble preamble,
        CancellationToken cancellationToken
    )
    {
        var log = new ProjectLog(services.Store, archive.Project);
        var held = reader.Memory.Bytes;
        var (basis, memory) = await ReadAsync(reader, archive, preamble, ArchiveItemKind.Base, "base", cancellationToken);
        if (memory.Count > 0 || basis.Memory.Phantoms.Entries.Any() || basis.Memory.Removed.Entries.Any())
        {
            throw reader.Fault("base: it remembers something, which a base dataset does not");
        }

        await reader.Memory.ReserveAsync(LoadingCost.Write * basis.TextBytes);
        await log.PutPayloadAsync(archive.Restore!.BaseKey, StateSnapshot.WriteBase(basis), cancellationToken);
        reader.Memory.Set(held);
        var (dataset, sessions) = await ReadAsync(reader, archive, preamble, ArchiveItemKind.State, "state", cancellationToken);
        var state = new ProjectState(dataset);
        foreach (var (session, mark) in sessions)
        {
            state.Repeats.RememberSession(session, mark);
        }

        // Like a reset: changes made on an earlier dataset must not apply to this one.
        var revision = RowKeys.RevisionOf(archive.Restore.AnchorKey);
        state.Restore(revision, revision, services.Time.GetUtcNow());
        await reader.Memory.ReserveAsync(LoadingCost.Write * dataset.TextBytes);
        await log.PutPayloadAsync(archive.Restore.AnchorKey, StateSnapshot.Write(state), cancellationToken);
        reader.Memory.Set(held);
        return revision;
    }

    private async Task<(Dataset Dataset, IReadOnlyList<(string Session, HighWaterMark Mark)> Sessions)> ReadAsync(
        ArchiveReader reader,
        OpenArchive archive,
        ArchivePreamble preamble,
        ArchiveItemKind kind,
        string what,
        CancellationToken cancellationToken
    )
    {
        if (await reader.NextAsync(cancellationToken) != kind)
        {
            throw reader.Fault($"has no {what} where it should be");
        }

        using var item = new ArchiveItem(reader, what, ArchiveLimits.DatasetBytesMax, 1 + LoadingCost.Parse);
        return await ArchivedDataset.ReadAsync(
            item,
            preamble.Index,
            ordinal => KeyOf(archive, preamble.Index, ordinal),
            preamble.Manifest.Highest,
            services.Time.GetUtcNow(),
            cancellationToken
        );
    }

    private async Task<OpenArchive> StoreContentsAsync(
        ArchiveReader reader,
        OpenArchive archive,
        ArchiveIndex index,
        string? digest,
        Deadline deadline,
        CancellationToken cancellationToken
    )
    {
        var log = new ProjectLog(services.Store, archive.Project);
        var first = archive.Contents;
        for (; archive.Contents < index.Count; archive = At(archive, reader, RestoreStage.StateStored, archive.Contents + 1))
        {
            if (deadline.IsOver && archive.Contents > first)
            {
                return await directory.SaveAsync(archive, cancellationToken);
            }

            if (archive.Contents % ContentsPerNote == 0)
            {
                archive = await directory.SaveAsync(archive, cancellationToken);
            }

            await StoreContentAsync(reader, log, archive, index, cancellationToken);
        }

        if (await reader.NextAsync(cancellationToken) != ArchiveItemKind.End)
        {
            throw reader.Fault("has no end where it should be");
        }

        reader.End();
        var found = Convert.ToHexStringLower(reader.Digest.Span);
        if (digest is not null && !string.Equals(digest, found, StringComparison.OrdinalIgnoreCase))
        {
            throw reader.Fault($"has the digest {found}, which is not the one that was asked for");
        }

        return await directory.SaveAsync(
            At(archive, reader, RestoreStage.Naming) with
            {
                Parts = reader.Part,
                Digest = reader.Digest,
            },
            cancellationToken
        );
    }

    private static async Task StoreContentAsync(
        ArchiveReader reader,
        ProjectLog log,
        OpenArchive archive,
        ArchiveIndex index,
        CancellationToken cancellationToken
    )
    {
        var ordinal = archive.Contents;
        var kind = await reader.NextAsync(cancellationToken);
        if (kind == ArchiveItemKind.Absent)
        {
            return;
        }

        if (kind != ArchiveItemKind.Content)
        {
            throw reader.Fault($"has no content {ordinal + 1} where it should be");
        }

        var held = reader.Memory.Bytes;
        using var item = new ArchiveItem(reader, $"content {ordinal + 1}", ArchiveLimits.ContentBytesMax, LoadingCost.Write);
        var content = await item.ReadAllAsync(cancellationToken);
        using (JsonGuard.TryParse(content, DatasetLimits.DepthMax, out var reason) ?? throw item.Fault(reason))
        {
            await log.PutPayloadAsync(KeyOf(archive, index, ordinal), content, cancellationToken);
        }

        reader.Memory.Set(held);
    }

    private static OpenArchive At(OpenArchive archive, ArchiveReader reader, RestoreStage stage, int? contents = null) =>
        archive with
        {
            Contents = contents ?? archive.Contents,
            Restore = archive.Restore! with { Stage = stage, Position = reader.Position },
        };

    /// <summary>
    /// A new key that is the same in each attempt, because an interrupted attempt leaves rows under it.
    /// </summary>
    private static string KeyOf(OpenArchive archive, ArchiveIndex index, int ordinal) =>
        RowKeys.VersionContent(
            index[ordinal].Version,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{archive.Name}{ordinal:D6}")
        );
}
