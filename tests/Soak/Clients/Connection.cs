using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.Soak.Clients;

/// <summary>One WebSocket and its incoming messages, in order.</summary>
internal sealed class Connection : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly ClientWebSocket socket = new();
    private readonly MemoryStream message = new();
    private readonly byte[] buffer = new byte[BufferBytes];

    private Connection() => socket.Options.KeepAliveInterval = TimeSpan.Zero;

    /// <summary>Connects.</summary>
    /// <exception cref="WebSocketException">The connection was refused.</exception>
    public static async Task<Connection> OpenAsync(Uri url, CancellationToken cancellationToken)
    {
        var connection = new Connection();
        try
        {
            await connection.socket.ConnectAsync(url, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <exception cref="WebSocketException">The connection is lost.</exception>
    public Task SendAsync(string text, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    /// <summary>The next message; null when the server closed the connection.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    public async Task<JsonElement?> NextAsync(CancellationToken cancellationToken)
    {
        message.SetLength(0);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage)
            {
                return JsonSerializer.Deserialize<JsonElement>(message.GetBuffer().AsSpan(0, (int)message.Length));
            }
        }
    }

    /// <summary>Aborts the connection silently, as a lost network does.</summary>
    public void Dispose()
    {
        socket.Abort();
        socket.Dispose();
        message.Dispose();
    }
}
