namespace ServerlessSync.Core.Archives;

/// <summary>Splits a stream into parts and stores each part when it is full. Holds one part in memory.</summary>
internal sealed class ArchiveWriter(IArchiveStore store, string archive)
{
    private readonly byte[] body = new byte[ArchivePart.BodyBytesMax];
    private int used;

    /// <summary>The number of stored parts.</summary>
    public int Parts { get; private set; }

    /// <summary>The digest of the last stored part.</summary>
    public ReadOnlyMemory<byte> Digest { get; private set; } = ArchivePart.NoDigest;

    /// <summary>Continues after the last part that an earlier writer stored.</summary>
    public void Continue(int parts, ReadOnlyMemory<byte> digest)
    {
        Parts = parts;
        Digest = digest;
    }

    /// <summary>Writes an item: its kind, and the compressed output of <paramref name="write"/>.</summary>
    public async Task WriteItemAsync(ArchiveItemKind kind, Func<ArchiveItemWriter, Task> write, CancellationToken cancellationToken)
    {
        await WriteAsync(new[] { (byte)kind }, cancellationToken);
        using var item = new ArchiveItemWriter(this);
        await write(item);
        await item.EndAsync(cancellationToken);
    }

    /// <summary>Writes uncompressed bytes.</summary>
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

    /// <summary>Stores the current part. The last part may have an empty piece.</summary>
    /// <exception cref="ArchiveException">The archive would have too many parts.</exception>
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
