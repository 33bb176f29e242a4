using System.Buffers;
using System.IO.Compression;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Unpacks a payload part by part into borrowed memory, and then into an array of the right size: a buffer that grows
/// with a large payload is copied several times and leaves several times its size behind.
/// </summary>
internal struct Unpacking : IDisposable
{
    /// <summary>
    /// Bytes of a payload before compression. A reader that unpacks more than this has hold of something that we did
    /// not write.
    /// </summary>
    public const int BytesMax = 256 * 1024 * 1024;

    // A commit takes one of the first size; what is larger goes on in pieces of the second, which the pool keeps ready.
    private const int FirstPieceBytes = 16 * 1024;
    private const int PieceBytes = 1024 * 1024;

    private readonly List<byte[]> _full = [];
    private BrotliDecoder _decoder;
    private byte[] _piece = ArrayPool<byte>.Shared.Rent(FirstPieceBytes);
    private int _used;
    private int _total;
    private OperationStatus _status = OperationStatus.NeedMoreData;

    /// <summary>Begins a payload.</summary>
    public Unpacking() { }

    /// <summary>Unpacks the next part.</summary>
    /// <exception cref="InvalidDataException">It is broken, or unpacks to more than <see cref="BytesMax"/>.</exception>
    public void Add(ReadOnlySpan<byte> part)
    {
        do
        {
            if (_used == _piece.Length)
            {
                _full.Add(_piece);
                _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
                _used = 0;
            }

            _status = _decoder.Decompress(part, _piece.AsSpan(_used), out var consumed, out var written);
            part = part[consumed..];
            _used += written;
            _total += written;
            if (_status == OperationStatus.InvalidData)
            {
                throw new InvalidDataException("A stored payload cannot be unpacked.");
            }

            if (_total > BytesMax)
            {
                throw new InvalidDataException($"A stored payload unpacks to more than {BytesMax} bytes.");
            }
        } while (_status == OperationStatus.DestinationTooSmall);
    }

    /// <summary>The whole payload.</summary>
    /// <exception cref="InvalidDataException">Its end is missing.</exception>
    public readonly byte[] ToArray()
    {
        if (_status != OperationStatus.Done)
        {
            throw new InvalidDataException("A stored payload lacks its end.");
        }

        var content = GC.AllocateUninitializedArray<byte>(_total);
        var start = 0;
        foreach (var piece in _full)
        {
            piece.CopyTo(content, start);
            start += piece.Length;
        }

        _piece.AsSpan(0, _used).CopyTo(content.AsSpan(start));
        return content;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _full.ForEach(static piece => ArrayPool<byte>.Shared.Return(piece));
        ArrayPool<byte>.Shared.Return(_piece);
    }
}
