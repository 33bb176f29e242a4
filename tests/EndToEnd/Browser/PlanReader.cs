using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>A client that reloads the project over a socket: shows what the server holds, as opposed to what pages show.</summary>
internal static class PlanReader
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);

    /// <summary>The fields of all tasks of project 1, by id.</summary>
    public static async Task<Dictionary<string, JsonElement>> TasksAsync(Uri server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerMax);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{server.Authority}/client/hubs/sync"), limit.Token);
        await SendAsync(socket, """{"command":"login","data":{"login":"Reader","password":""}}""", limit.Token);
        await SendAsync(socket, """{"command":"dataset","data":{"project":1}}""", limit.Token);
        var tasks = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (true)
        {
            using var message = JsonDocument.Parse(await ReceiveAsync(socket, limit.Token));
            if (message.RootElement.GetProperty("command").GetString() == "dataset")
            {
                var dataset = message.RootElement.GetProperty("data").GetProperty("dataset").Clone();
                Collect(dataset.GetProperty("tasksData"), tasks);
                return tasks;
            }
        }
    }

    private static void Collect(JsonElement list, Dictionary<string, JsonElement> tasks)
    {
        foreach (var task in list.EnumerateArray())
        {
            tasks.Add(task.GetProperty("id").ToString(), task);
            if (task.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array)
            {
                Collect(children, tasks);
            }
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new InvalidOperationException($"The server closed the connection: {socket.CloseStatusDescription}");
            }

            await message.WriteAsync(buffer.AsMemory(0, part.Count), cancellationToken);
        } while (!part.EndOfMessage);

        return message.ToArray();
    }
}
