using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// Checks which page opens a connection. A browser lets any page connect anywhere but states its origin truthfully; the
/// service repeats that <c>Origin</c> in the connect event.
/// </summary>
internal static class HandshakeOrigin
{
    /// <summary>
    /// Null when the page may connect. A handshake without an origin does not come from a page, so no list can contain it;
    /// only a developer's machine accepts it.
    /// </summary>
    public static EventProblem? Check(ReadOnlyMemory<byte> connectBody, EventEndpointOptions options)
    {
        try
        {
            using var document = JsonDocument.Parse(connectBody);
            var mayConnect = Origins(document.RootElement).ToArray() switch
            {
                [] => options.AllowsThisMachine,
                [{ } origin] => options.Lists(origin),
                _ => false,
            };
            return mayConnect ? null : new EventProblem(StatusCodes.Status403Forbidden, "The page may not connect.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new EventProblem(StatusCodes.Status400BadRequest, "The body is not a connect event.");
        }
    }

    private static IEnumerable<string?> Origins(JsonElement body) =>
        body.TryGetProperty("headers", out var headers)
            ? headers
                .EnumerateObject()
                .Where(header => string.Equals(header.Name, "Origin", StringComparison.OrdinalIgnoreCase))
                .SelectMany(header => header.Value.EnumerateArray())
                .Select(value => value.GetString())
            : [];
}
