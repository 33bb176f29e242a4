using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace ServerlessSync.EndToEnd.Sockets;

/// <summary>A bare WebSocket client, like a browser's: frames in order, and how the connection ended.</summary>
internal sealed class SyncSocket : IAsyncDisposable
{
    /// <summary>Nothing takes this long, even on a busy machine; turns a missing message into a failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket socket = new();
    private readonly Channel<Frame> frames = Channel.CreateUnbounded<Frame>();
    private Task reading = Task.CompletedTask;

    /// <summary>The server's close code; null when the connection was aborted.</summary>
    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <summary>Frames that arrived but were not read yet.</summary>
    public int Waiting => frames.Reader.Count;

    public static async Task<SyncSocket> ConnectAsync(Uri url)
    {
        var client = new SyncSocket();
        client.socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await client.socket.ConnectAsync(url, TestContext.Current.CancellationToken);
        client.reading = client.ReadAsync();
        return client;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] payload, WebSocketMessageType type) =>
        socket.SendAsync(payload, type, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>The next message of any kind.</summary>
    public async Task<Frame> NextAsync()
    {
        try
        {
            return await frames
                .Reader.ReadAsync(TestContext.Current.CancellationToken)
                .AsTask()
                .WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException("The server sent nothing more.", exception);
        }
        catch (ChannelClosedException exception)
        {
            throw new InvalidOperationException($"The connection is closed ({CloseStatus}).", exception);
        }
    }

    /// <summary>Waits for the end of the connection; unread messages are kept.</summary>
    public Task ClosedAsync() => reading.WaitAsync(Patience, TimeProvider.System);

    /// <summary>Aborts the connection silently, as a lost network does.</summary>
    public void Cut() => socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (socket.State is WebSocketState.Open)
        {
            try
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                await ClosedAsync();
            }
            catch (Exception exception) when (exception is WebSocketException or TimeoutException or ObjectDisposedException)
            {
                // The other side was faster.
            }
        }

        socket.Dispose();
        await reading;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    if (socket.State == WebSocketState.CloseReceived)
                    {
                        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    }

                    return;
                }

                message.Write(buffer.AsSpan(0, part.Count));
                if (part.EndOfMessage)
                {
                    var text = Encoding.UTF8.GetString(message.GetBuffer().AsSpan(0, (int)message.Length));
                    message.SetLength(0);
                    frames.Writer.TryWrite(new Frame(text));
                }
            }
        }
        catch (Exception exception)
            when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Aborted; CloseStatus stays null.
        }
        finally
        {
            frames.Writer.TryComplete();
        }
    }
}
