using System.Text.Json;

namespace ServerlessSync.EndToEnd.Sockets;

/// <summary>One message of the server, as text and parsed.</summary>
internal sealed record Frame(string Text)
{
    private readonly JsonElement root = JsonSerializer.Deserialize<JsonElement>(Text);

    public string Command => root.GetProperty("command").GetString()!;

    public JsonElement Data => root.GetProperty("data");

    public string? Error => root.TryGetProperty("error", out var error) ? error.GetString() : null;

    /// <summary>The stated revision of a dataset: the next revision is one more.</summary>
    public long Revision => Data.GetProperty("revision").GetInt64();

    public JsonElement Dataset => Data.GetProperty("dataset");

    public IEnumerable<JsonElement> Revisions => Data.GetProperty("revisions").EnumerateArray();

    /// <summary>Whether this is a presence message. Every logged-in client receives those, whatever the other clients do.</summary>
    public bool IsAboutPeople =>
        Command is "join" or "users"
        || (Command is "logout" && Error is null && Data.TryGetProperty("userName", out _));

    public override string ToString() => Text;
}
