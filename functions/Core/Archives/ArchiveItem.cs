using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Unpacks one item of an archive, incrementally and within a limit, because a few bytes may unpack to gigabytes. It
/// takes <paramref name="cost"/> times the unpacked bytes from the memory budget as it proceeds.
/// </summary>
internal sealed class ArchiveItem(ArchiveReader reader, string what, long bytesMax, int cost) : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int LengthBytes = 4;

    private readonly byte[] unpacked = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private byte[] frame = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private BrotliDecoder decoder;
    private int start;
    private int end;
    private long total;
    private bool isDone;

    /// <summary>Creates the exception for a fault in this item.</summary>
    public ArchiveException Fault(string reason) => reader.Fault($"{what}: {reason}");

    /// <summary>Reads the whole item.</summary>
    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        while (await FillAsync(cancellationToken))
        {
            await all.WriteAsync(unpacked.AsMemory(start, end - start), cancellationToken);
            start = end;
        }

        return all.ToArray();
    }

    /// <summary>Reads the next frame of the item, which is valid until the next call; null at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(cancellationToken))
        {
            return null;
        }

        var prefix = await ReadAsync(LengthBytes, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.Span);
        return length <= bytesMax - total + (end - start)
            ? await ReadAsync((int)length, cancellationToken)
            : throw Fault($"a record has {length} bytes; all records have at most {bytesMax}");
    }

    public void Dispose()
    {
        decoder.Dispose();
        ArrayPool<byte>.Shared.Return(unpacked);
        ArrayPool<byte>.Shared.Return(frame);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int length, CancellationToken cancellationToken)
    {
        var read = 0;
        while (read < length)
        {
            if (!await FillAsync(cancellationToken))
            {
                throw Fault("it ends in the middle of a record");
            }

            var taken = Math.Min(length - read, end - start);
            Reserve(read, read + taken);
            unpacked.AsSpan(start, taken).CopyTo(frame.AsSpan(read));
            start += taken;
            read += taken;
        }

        return frame.AsMemory(0, length);
    }

    /// <summary>Grows with the bytes that have arrived, not with the length that an archive claims.</summary>
    private void Reserve(int used, int needed)
    {
        if (needed <= frame.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * frame.Length));
        frame.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(frame);
        frame = larger;
    }

    /// <summary>Unpacks more when all unpacked bytes are consumed. False at the end.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (start == end)
        {
            if (isDone)
            {
                return false;
            }

            Unpack(await reader.PeekAsync(cancellationToken));
            await reader.Memory.ReserveAsync((long)cost * (end - start));
        }

        return true;
    }

    private void Unpack(ReadOnlyMemory<byte> packed)
    {
        var status = decoder.Decompress(packed.Span, unpacked, out var consumed, out var written);
        reader.Advance(consumed);
        start = 0;
        end = written;
        total += written;
        isDone = status == OperationStatus.Done;
        if (status == OperationStatus.InvalidData || (!isDone && consumed == 0 && written == 0))
        {
            throw Fault("it cannot be unpacked");
        }

        if (total > bytesMax)
        {
            throw Fault($"it unpacks to more than {bytesMax} bytes");
        }
    }
}
