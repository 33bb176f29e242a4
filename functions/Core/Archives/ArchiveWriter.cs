namespace ServerlessSync.Core.Archives;

/// <summary>Cuts what is written to it into parts and stores each when it is full; holds one part in memory.</summary>
internal sealed class ArchiveWriter(IArchiveStore store, string archive)
{
    private readonly byte[] body = new byte[ArchivePart.BodyBytesMax];
    private int used;

    /// <summary>The parts that are stored.</summary>
    public int Parts { get; private set; }

    /// <summary>The digest of the last of them.</summary>
    public ReadOnlyMemory<byte> Digest { get; private set; } = ArchivePart.NoDigest;

    /// <summary>Goes on behind the last part that an earlier writer stored.</summary>
    public void Continue(int parts, ReadOnlyMemory<byte> digest)
    {
        Parts = parts;
        Digest = digest;
    }

    /// <summary>Writes an item: its kind, and what <paramref name="write"/> writes, compressed.</summary>
    public async Task WriteItemAsync(ArchiveItemKind kind, Func<ArchiveItemWriter, Task> write, CancellationToken cancellationToken)
    {
        await WriteAsync(new[] { (byte)kind }, cancellationToken);
        using var item = new ArchiveItemWriter(this);
        await write(item);
        await item.EndAsync(cancellationToken);
    }

    /// <summary>Writes bytes as they are.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        while (!bytes.IsEmpty)
        {
            if (used == body.Length)
            {
                await FinishPartAsync(isLast: false, cancellationToken);
            }

            var taken = Math.Min(bytes.Length, body.Length - used);
            bytes[..taken].CopyTo(body.AsMemory(used));
            used += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Stores what was written since the last part; the last one may have no piece.</summary>
    /// <exception cref="ArchiveException">It would be one part too many.</exception>
    public async Task FinishPartAsync(bool isLast, CancellationToken cancellationToken)
    {
        if (used == 0 && !isLast)
        {
            return;
        }

        if (Parts == ArchiveLimits.PartsMax)
        {
            throw new ArchiveException($"The archive would have more than {ArchiveLimits.PartsMax} parts.");
        }

        var part = ArchivePart.Make(archive, Parts + 1, isLast, Digest, body.AsMemory(0, used));
        await store.WriteAsync(archive, part.Number, part.ToBytes(out var digest), cancellationToken);
        Continue(part.Number, digest);
        used = 0;
    }
}
