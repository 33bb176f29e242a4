using System.Buffers;

namespace ServerlessSync.Protocol.Writing;

/// <summary>A growing buffer from the shared pool; a frame of a megabyte would otherwise cost several large arrays.</summary>
internal sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int count;

    /// <summary>The bytes written so far.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, count);

    /// <inheritdoc/>
    public void Advance(int written)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(written);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(written, bytes.Length - count);
        count += written;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var wanted = Math.Max(sizeHint, 1);
        if (bytes.Length - count < wanted)
        {
            Grow(wanted);
        }

        return bytes.AsMemory(count);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        count = 0;
    }

    private void Grow(int wanted)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(count + wanted), 2 * bytes.Length));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
