using System.Buffers;
using System.Net.WebSockets;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The kind of a received message.</summary>
internal enum ReceivedKind
{
    /// <summary>A text frame.</summary>
    Text,

    /// <summary>A binary frame.</summary>
    Binary,

    /// <summary>A message beyond the limit; the rest of it is unread.</summary>
    TooBig,

    /// <summary>The close frame.</summary>
    Close,
}

/// <summary>One complete message, assembled from its fragments, in an array of its own.</summary>
internal readonly record struct ReceivedFrame(ReceivedKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>Reads the messages of one WebSocket up to a size in bytes. Single reader.</summary>
internal sealed class FrameReader(WebSocket socket, int bytesMax) : IDisposable
{
    private const int BufferBytesMin = 4096;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytesMin);

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    public async ValueTask<ReceivedFrame> ReadAsync()
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return new ReceivedFrame(ReceivedKind.Close, default);
            }

            if (length > bytesMax)
            {
                return new ReceivedFrame(ReceivedKind.TooBig, default);
            }

            if (received.EndOfMessage)
            {
                var kind = received.MessageType == WebSocketMessageType.Text ? ReceivedKind.Text : ReceivedKind.Binary;
                return new ReceivedFrame(kind, buffer.AsSpan(0, length).ToArray());
            }

            if (length == buffer.Length)
            {
                Grow(length);
            }
        }
    }

    /// <summary>Reads and discards everything up to the close frame.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    public async Task SkipToCloseAsync()
    {
        while (
            (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType
            != WebSocketMessageType.Close
        )
        {
            // A client may still be sending when it is asked to close; these frames are ignored.
        }
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
