namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>A response of the scripted upstream.</summary>
internal sealed record Reply(int Status, string? ContentType = null, byte[]? Body = null)
{
    public static readonly Reply Nothing = new(204);

    public string? State { get; init; }

    public string? SetCookie { get; init; }

    public static Reply Text(string text) =>
        new(200, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text));

    public static Reply Json(string json) => new(200, "application/json", System.Text.Encoding.UTF8.GetBytes(json));
}
