using System.Net.WebSockets;
using System.Text;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>What a client received: a frame, or the end.</summary>
internal sealed record Got(WebSocketMessageType Type, string Text, WebSocketCloseStatus? Status = null);

/// <summary>A simple WebSocket client, as a browser page is.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly byte[] buffer = new byte[2 * 1024 * 1024];

    private TestClient(ClientWebSocket socket) => Socket = socket;

    public ClientWebSocket Socket { get; }

    public static async Task<TestClient> ConnectAsync(Uri url, Action<ClientWebSocketOptions>? configure)
    {
        var socket = new ClientWebSocket();
        configure?.Invoke(socket.Options);
        await Soon.Within(socket.ConnectAsync(url, CancellationToken.None));
        return new TestClient(socket);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type) =>
        Soon.Within(Socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None));

    public async Task<Got> ReceiveAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await Soon.Within(Socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).AsTask());
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return new Got(part.MessageType, Socket.CloseStatusDescription ?? "", Socket.CloseStatus);
            }

            if (part.EndOfMessage)
            {
                return new Got(part.MessageType, Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
    }

    /// <summary>The text of the next frame, which must be a text frame.</summary>
    public async Task<string> TextAsync()
    {
        var got = await ReceiveAsync();
        Assert.Equal(WebSocketMessageType.Text, got.Type);
        return got.Text;
    }

    public Task CloseAsync(string text = "") =>
        Soon.Within(Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, text, CancellationToken.None));

    public void Dispose() => Socket.Dispose();
}
