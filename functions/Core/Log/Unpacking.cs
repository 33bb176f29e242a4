using System.Buffers;
using System.IO.Compression;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Unpacks a payload part by part into pooled memory, and finally into an array of the exact size. A single growing
/// buffer would be copied several times and leave several times its size as garbage.
/// </summary>
internal sealed class Unpacking : IDisposable
{
    /// <summary>Bytes of a payload before compression. A larger payload was not written by this product.</summary>
    public const int BytesMax = 256 * 1024 * 1024;

    // A typical commit fits the first piece; larger payloads continue in pieces of the second size, which the pool
    // caches.
    private const int FirstPieceBytes = 16 * 1024;
    private const int PieceBytes = 1024 * 1024;

    private readonly List<byte[]> full = [];
    private BrotliDecoder decoder;
    private byte[] piece = ArrayPool<byte>.Shared.Rent(FirstPieceBytes);
    private int used;
    private int total;
    private OperationStatus status = OperationStatus.NeedMoreData;

    /// <summary>Bytes unpacked so far.</summary>
    public int Length => total;

    /// <summary>Unpacks the next part.</summary>
    /// <exception cref="InvalidDataException">
    /// The part is corrupt, or the payload unpacks to more than <see cref="BytesMax"/>.
    /// </exception>
    public void Add(ReadOnlySpan<byte> part)
    {
        do
        {
            if (used == piece.Length)
            {
                full.Add(piece);
                piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
                used = 0;
            }

            status = decoder.Decompress(part, piece.AsSpan(used), out var consumed, out var written);
            part = part[consumed..];
            used += written;
            total += written;
            if (status == OperationStatus.InvalidData)
            {
                throw new InvalidDataException("A stored payload cannot be unpacked.");
            }

            if (total > BytesMax)
            {
                throw new InvalidDataException($"A stored payload unpacks to more than {BytesMax} bytes.");
            }
        } while (status == OperationStatus.DestinationTooSmall);
    }

    /// <summary>The whole payload.</summary>
    /// <exception cref="InvalidDataException">The end of the payload is missing.</exception>
    public byte[] ToArray()
    {
        if (status != OperationStatus.Done)
        {
            throw new InvalidDataException("The end of a stored payload is missing.");
        }

        var content = GC.AllocateUninitializedArray<byte>(total);
        var start = 0;
        foreach (var earlier in full)
        {
            earlier.CopyTo(content, start);
            start += earlier.Length;
        }

        piece.AsSpan(0, used).CopyTo(content.AsSpan(start));
        return content;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        decoder.Dispose();
        full.ForEach(static earlier => ArrayPool<byte>.Shared.Return(earlier));
        ArrayPool<byte>.Shared.Return(piece);
    }
}
