using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>A browser's connection: numbers its events, carries its state, and reads what it was sent.</summary>
internal sealed class TestClient(World world, ConnectionId connection, string user)
{
    private long eventId;
    private string? state;
    private int local;

    public ConnectionId Connection { get; } = connection;

    public int Instance { get; set; }

    /// <summary>The client id that its messages state, as JSON text; null for the seed's literal code.</summary>
    public string? ClientId { get; init; }

    /// <summary>How old its events are when they arrive.</summary>
    public TimeSpan EventAge { get; set; }

    public bool IsOpen => world.Gateway.IsOpen(Connection);

    /// <summary>The frames that it received, as they came.</summary>
    public IReadOnlyList<string> Texts => world.Gateway.Received(Connection);

    /// <summary>Goes on with a session that nobody was told of.</summary>
    public void Adopt(Core.Sessions.ClientSession session) => state = session.ToState();

    public IReadOnlyList<JsonElement> Frames =>
        [.. world.Gateway.Received(Connection).Select(static frame => JsonDocument.Parse(frame).RootElement)];

    /// <summary>The revisions that it received, in order of arrival.</summary>
    public IReadOnlyList<JsonElement> Revisions =>
        [
            .. Frames
                .Where(static frame => Is(frame, "project_change") && frame.TryGetProperty("data", out _) && !frame.TryGetProperty("error", out _))
                .SelectMany(static frame => frame.GetProperty("data").GetProperty("revisions").EnumerateArray()),
        ];

    public IReadOnlyList<long> Numbers => [.. Revisions.Select(static revision => revision.GetProperty("revision").GetInt64())];

    public IReadOnlyList<string> Commands => [.. Frames.Select(static frame => frame.GetProperty("command").GetString()!)];

    public JsonElement LastDataset => Frames.Last(static frame => Is(frame, "dataset")).GetProperty("data");

    public Task<EventReply> LoginAsync() => SendAsync($$$"""{"command":"login","data":{"login":"{{{user}}}","password":""}}""");

    public Task<EventReply> LoadAsync() => SendAsync("""{"command":"dataset","data":{"project":1}}""");

    public Task<EventReply> ResetAsync() => SendAsync("""{"command":"reset","data":{"project":1}}""");

    public Task<EventReply> RenameAsync(object task, string name, long? datasetRevision = null) =>
        ChangeAsync(datasetRevision, $$$"""{"tasks":{"updated":[{"id":{{{JsonSerializer.Serialize(task)}}},"name":"{{{name}}}"}]}}""");

    public Task<EventReply> ChangeAsync(params string[] changes) => ChangeAsync(datasetRevision: null, changes);

    public Task<EventReply> ChangeAsync(long? datasetRevision, params string[] changes)
    {
        var clientId = ClientId is null ? string.Empty : $",\"clientId\":{ClientId}";
        var revisions = string.Join(
            ',',
            changes.Select(change => $$"""{"revision":"local-{{++local}}"{{clientId}},"changes":{{change}}}""")
        );
        var stated = datasetRevision is { } revision ? $",\"datasetRevision\":{revision}" : string.Empty;
        return SendAsync($$$"""{"command":"project_change","data":{"project":1{{{stated}}},"revisions":[{{{revisions}}}]}}""");
    }

    public Task<EventReply> SendAsync(string frame) => DeliverAsync(++eventId, frame);

    /// <summary>The service delivers an event; with a number that was used before it is a redelivery.</summary>
    public async Task<EventReply> DeliverAsync(long id, string frame)
    {
        var context = new EventContext(Connection, id, $"anon-{Connection}", state, world.Time.GetUtcNow() - EventAge);
        var reply = await world.HandleAsync(Instance, new ClientEvent.Message(context, Encoding.UTF8.GetBytes(frame)));
        state = reply switch
        {
            EventReply.Done done => done.State ?? state,
            EventReply.Text text => text.State ?? state,
            _ => state,
        };
        return reply;
    }

    public static string Body(EventReply reply) => Encoding.UTF8.GetString(Assert.IsType<EventReply.Text>(reply).Frame.Span);

    private static bool Is(JsonElement frame, string command) =>
        string.Equals(frame.GetProperty("command").GetString(), command, StringComparison.Ordinal);
}
