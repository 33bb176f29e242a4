using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Makes the archive of a project: what is stored, not what is served. The first step folds the state and writes it down, as one moment;
/// further ones add the contents of versions, which never change, as far as their time lets them.
/// </summary>
/// <remarks>
/// The log is not in it: what makes an entry true is that the engine decided it, which an archive cannot show, and it names people and
/// connections. Of removed versions the content is not in it either, as after a compaction.
/// </remarks>
internal sealed class ArchiveMaker(EngineDependencies services, IArchiveStore store)
{
    private readonly ProjectListing listing = new(services.Store.Background);

    /// <summary>Goes on until the archive is whole or time is up; null when there is no such project.</summary>
    /// <exception cref="ArchiveException">The archive cannot be made, or what was made of it is not there any more.</exception>
    /// <exception cref="LoadingRefusedException">There is no room for it now, or its turn did not come in time.</exception>
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
            // In quarantine: what can be read is what there is to save, and the numbers go on above those that cannot.
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
                : throw new InvalidDataException($"Project {archive.Project} has no complete base '{head.BaseKey}'.");
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
            // One content that is broken must not cost the backup of all the rest. A client that loads that version is told as before.
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
