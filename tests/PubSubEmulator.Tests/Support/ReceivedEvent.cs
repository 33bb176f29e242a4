using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>One request that the scripted upstream received.</summary>
internal sealed record ReceivedEvent(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Body
)
{
    public string Name => Headers.GetValueOrDefault("ce-eventName", "");

    public int Id => int.Parse(Headers["ce-id"], CultureInfo.InvariantCulture);

    public string Connection => Headers["ce-connectionId"];

    public string? State => Headers.GetValueOrDefault("ce-connectionState");

    public string Text => Encoding.UTF8.GetString(Body);

    public static async Task<ReceivedEvent> OfAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var headers = request.Headers.ToDictionary(
            header => header.Key,
            header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase
        );
        return new ReceivedEvent(request.Method, request.Path.Value!, headers, body.ToArray());
    }
}
