using System.Buffers;
using System.IO.Compression;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Compresses one item of an archive incrementally. Unlike <see cref="System.IO.Compression.BrotliStream"/>, it
/// continues on the caller's context after each write to the store.
/// </summary>
internal sealed class ArchiveItemWriter(ArchiveWriter writer) : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    // The values of CompressionLevel.Fastest, as for stored payloads.
    private const int Quality = 1;
    private const int Window = 22;

    private readonly byte[] packed = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private BrotliEncoder encoder = new(Quality, Window);

    /// <summary>Writes bytes of the item.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        while (!bytes.IsEmpty)
        {
            Compress(bytes.Span, isFinal: false, out var consumed, out var written);
            bytes = bytes[consumed..];
            await writer.WriteAsync(packed.AsMemory(0, written), cancellationToken);
        }
    }

    /// <summary>Writes the rest of the item.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        OperationStatus status;
        do
        {
            status = Compress([], isFinal: true, out _, out var written);
            await writer.WriteAsync(packed.AsMemory(0, written), cancellationToken);
        } while (status == OperationStatus.DestinationTooSmall);
    }

    public void Dispose()
    {
        encoder.Dispose();
        ArrayPool<byte>.Shared.Return(packed);
    }

    private OperationStatus Compress(ReadOnlySpan<byte> bytes, bool isFinal, out int consumed, out int written)
    {
        var status = encoder.Compress(bytes, packed, out consumed, out written, isFinal);
        return status == OperationStatus.InvalidData
            ? throw new InvalidOperationException("An item of an archive cannot be compressed.")
            : status;
    }
}
