using System.IO.Compression;

namespace ServerlessSync.Core.Archives;

/// <summary>Cuts what is written to it into parts and stores each when it is full; holds one part in memory.</summary>
internal sealed class ArchiveWriter(IArchiveStore store, string archive) : Stream
{
    private readonly byte[] body = new byte[ArchivePart.BodyBytesMax];
    private int used;

    /// <summary>The parts that are stored.</summary>
    public int Parts { get; private set; }

    /// <summary>The digest of the last of them.</summary>
    public ReadOnlyMemory<byte> Digest { get; private set; } = ArchivePart.NoDigest;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Goes on behind the last part that an earlier writer stored.</summary>
    public void Continue(int parts, ReadOnlyMemory<byte> digest)
    {
        Parts = parts;
        Digest = digest;
    }

    /// <summary>Writes an item: its kind, and what <paramref name="write"/> writes, compressed.</summary>
    public async Task WriteItemAsync(ArchiveItemKind kind, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        await WriteAsync(new[] { (byte)kind }, cancellationToken);
        await using var compressed = new BrotliStream(this, CompressionLevel.Fastest, leaveOpen: true);
        await write(compressed);
    }

    /// <summary>Stores what was written since the last part; the last one may have no piece.</summary>
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

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (used == body.Length)
            {
                await FinishPartAsync(isLast: false, cancellationToken);
            }

            var taken = Math.Min(buffer.Length, body.Length - used);
            buffer[..taken].CopyTo(body.AsMemory(used));
            used += taken;
            buffer = buffer[taken..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() { }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
