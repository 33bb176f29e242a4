using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Creates the archive of a project from its stored form, not its served one. The first step folds and writes the
/// state, as one consistent snapshot. Further steps add the contents of versions, which never change, within their
/// time.
/// </summary>
/// <remarks>
/// An archive contains no log: it cannot prove that the engine decided an entry, and entries name users and
/// connections. It contains no contents of removed versions either, as after a compaction.
/// </remarks>
internal sealed class ArchiveMaker(EngineDependencies services, IArchiveStore store)
{
    private readonly ProjectListing listing = new(services.Store.Background);

    /// <summary>
    /// Continues until the archive is complete or the time is up. Null when the project does not exist.
    /// </summary>
    /// <exception cref="ArchiveException">The archive cannot be created, or its earlier parts are missing.</exception>
    /// <exception cref="LoadingRefusedException">
    /// There is no memory for it now, or its turn did not come in time.
    /// </exception>
    public async Task<OpenArchive?> AdvanceAsync(
        OpenArchive archive,
        LoadingScope loading,
        Deadline deadline,
        CancellationToken cancellationToken
    )
    {
        var writer = new ArchiveWriter(store, archive.Name);
        writer.Continue(archive.Parts, archive.Parts == 0 ? ArchivePart.NoDigest : archive.Digest);
        var log = new ProjectLog(services.Store, archive.Project);
        ArchiveIndex index;
        if (archive.Parts == 0)
        {
            if (await WriteStateAsync(writer, archive, log, loading, cancellationToken) is not var (written, revision))
            {
                return null;
            }

            index = written;
            archive = archive with { Revision = revision };
        }
        else
        {
            index = await ReadIndexAsync(archive, loading, cancellationToken);
        }

        var ordinal = archive.Contents;
        for (; ordinal < index.Count && (!deadline.IsOver || ordinal == archive.Contents); ordinal++)
        {
            await WriteContentAsync(writer, log, index[ordinal].Label, loading, cancellationToken);
        }

        var isComplete = ordinal == index.Count;
        if (isComplete)
        {
            await writer.WriteAsync(new[] { (byte)ArchiveItemKind.End }, cancellationToken);
        }

        await writer.FinishPartAsync(isComplete, cancellationToken);
        return archive with { Parts = writer.Parts, Digest = writer.Digest, Contents = ordinal, IsComplete = isComplete };
    }

    private async Task<(ArchiveIndex Index, long Revision)?> WriteStateAsync(
        ArchiveWriter writer,
        OpenArchive archive,
        ProjectLog log,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        var replica = new ProjectReplica(services, archive.Project, loading);
        try
        {
            if (!await replica.LoadAsync(cancellationToken))
            {
                return null;
            }
        }
        catch (PoisonedLogException)
        {
            // In quarantine: archive what can be read. The highest number covers the revisions that cannot.
        }
        catch (ProjectDeletedException)
        {
            return null;
        }

        var (state, head) = (replica.State, replica.Head);
        state.Dataset.ForgetRemovedContents();
        var basis =
            await StateSnapshot.ReadAsync(log, head.BaseKey, loading, cancellationToken) is { State.Dataset: var found }
                ? found
                : throw await MissingBaseAsync(log, head, cancellationToken);
        var index = ArchiveIndex.Of(basis, state.Dataset);
        var manifest = new ArchiveManifest(
            archive.Project.Id.ToJson(),
            await listing.FindNameAsync(log, cancellationToken),
            state.Revision,
            Math.Max(state.Revision, head.Revision),
            head.Generation,
            services.Time.GetUtcNow()
        );
        await WriteAsync(writer, ArchiveItemKind.Manifest, manifest.ToJson(), cancellationToken);
        await WriteAsync(writer, ArchiveItemKind.Access, ArchivePreamble.ToJson(replica.Access), cancellationToken);
        await WriteAsync(writer, ArchiveItemKind.Index, index.ToJson(), cancellationToken);
        await writer.WriteItemAsync(
            ArchiveItemKind.Base,
            item => DatasetFrames.WriteAsync(item, basis, sessions: null, cancellationToken),
            cancellationToken
        );
        await writer.WriteItemAsync(
            ArchiveItemKind.State,
            item => DatasetFrames.WriteAsync(item, state.Dataset, state.Repeats, cancellationToken),
            cancellationToken
        );
        return (index, state.Revision);
    }

    /// <summary>The base goes when a restore replaces the project meanwhile. The next request archives what is there then.</summary>
    private static async Task<Exception> MissingBaseAsync(ProjectLog log, Head head, CancellationToken cancellationToken) =>
        string.Equals((await log.ReadHeadAsync(cancellationToken))?.Value.BaseKey, head.BaseKey, StringComparison.Ordinal)
            ? new InvalidDataException($"Project {log.Project} has no complete base '{head.BaseKey}'.")
            : new LogMovedException($"Project {log.Project} was replaced while it was being archived.", innerException: null);

    private async Task WriteContentAsync(
        ArchiveWriter writer,
        ProjectLog log,
        string key,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        var held = loading.Memory.Bytes;
        byte[]? content = null;
        try
        {
            content = await loading.LoadAsync(() => log.ReadPayloadAsync(key, loading.Memory, cancellationToken), cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            // A corrupt content must not prevent the backup of everything else. A client that loads that version gets
            // the same error as before.
            services.Observer.Failed(log.Project, exception);
            loading.Memory.Set(held);
        }

        if (content is null)
        {
            await writer.WriteAsync(new[] { (byte)ArchiveItemKind.Absent }, cancellationToken);
            return;
        }

        await WriteAsync(writer, ArchiveItemKind.Content, content, cancellationToken);
        loading.Memory.Set(held);
    }

    private async Task<ArchiveIndex> ReadIndexAsync(OpenArchive archive, LoadingScope loading, CancellationToken cancellationToken)
    {
        var reader = new ArchiveReader(store, archive.Name, loading.Memory);
        return (await ArchivePreamble.ReadAsync(reader, cancellationToken)).Index;
    }

    private static Task WriteAsync(
        ArchiveWriter writer,
        ArchiveItemKind kind,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => writer.WriteItemAsync(kind, item => item.WriteAsync(content, cancellationToken).AsTask(), cancellationToken);
}
