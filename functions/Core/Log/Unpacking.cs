using System.Buffers;
using System.IO.Compression;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Unpacks a payload part by part into borrowed memory, and then into an array of the right size: a buffer that grows
/// with a large payload is copied several times and leaves several times its size behind.
/// </summary>
internal sealed class Unpacking : IDisposable
{
    /// <summary>
    /// Bytes of a payload before compression. A reader that unpacks more than this has hold of something that we did
    /// not write.
    /// </summary>
    public const int BytesMax = 256 * 1024 * 1024;

    // A commit takes one of the first size; what is larger goes on in pieces of the second, which the pool keeps ready.
    private const int FirstPieceBytes = 16 * 1024;
    private const int PieceBytes = 1024 * 1024;

    private readonly List<byte[]> full = [];
    private BrotliDecoder decoder;
    private byte[] piece = ArrayPool<byte>.Shared.Rent(FirstPieceBytes);
    private int used;
    private int total;
    private OperationStatus status = OperationStatus.NeedMoreData;

    /// <summary>Bytes that are unpacked so far.</summary>
    public int Length => total;

    /// <summary>Unpacks the next part.</summary>
    /// <exception cref="InvalidDataException">It is broken, or unpacks to more than <see cref="BytesMax"/>.</exception>
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
    /// <exception cref="InvalidDataException">Its end is missing.</exception>
    public byte[] ToArray()
    {
        if (status != OperationStatus.Done)
        {
            throw new InvalidDataException("A stored payload lacks its end.");
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
