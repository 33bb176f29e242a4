using System.Net.WebSockets;
using System.Text.Unicode;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>
/// Reads bodies by the service's rules: a declared length of at most 1 MiB (chunked bodies are refused) and a known content
/// type (measured).
/// </summary>
internal static class RestBody
{
    private const string JsonType = "application/json";
    private const string TextType = "text/plain";

    /// <summary>The bytes of a body in an array of their own; or the problem.</summary>
    public static async ValueTask<(byte[]? Bytes, RestAnswer? Problem)> ReadAsync(RestCall call)
    {
        if (call.Request.ContentLength is not (>= 0 and <= PubSubLimits.MessageBytesMax))
        {
            return (null, RestAnswer.BadRequest("Invalid Content-Length header.", "Content-Length"));
        }

        var bytes = new byte[call.Request.ContentLength.Value];
        await call.Request.Body.ReadExactlyAsync(bytes, call.Aborted);
        return (bytes, null);
    }

    /// <summary>A body as the payload of a frame; or the problem.</summary>
    public static async ValueTask<(byte[]? Payload, WebSocketMessageType Type, RestAnswer? Problem)> ReadPayloadAsync(
        RestCall call
    )
    {
        // A simple client receives JSON and text as a text frame; no content type means binary (measured).
        var contentType = call.Request.ContentType?.Split(';', 2)[0].Trim().ToLowerInvariant();
        WebSocketMessageType? type = contentType switch
        {
            JsonType or TextType => WebSocketMessageType.Text,
            null or "" or "application/octet-stream" => WebSocketMessageType.Binary,
            _ => null,
        };
        if (type is null)
        {
            return (
                null,
                default,
                RestAnswer.Error(
                    StatusCodes.Status415UnsupportedMediaType,
                    "Error.UnsupportedMediaType",
                    $"The content type '{contentType}' is not supported.",
                    "Content-Type"
                )
            );
        }

        var (bytes, problem) = await ReadAsync(call);
        if (bytes is not null && IsType(contentType, JsonType) && !JsonText.IsValid(bytes))
        {
            problem = RestAnswer.BadRequest("The request body is not a valid JSON.", "body");
        }
        else if (bytes is not null && IsType(contentType, TextType) && !Utf8.IsValid(bytes))
        {
            problem = RestAnswer.BadRequest("The request body is not valid UTF-8.", "body");
        }

        return (bytes, type.Value, problem);
    }

    private static bool IsType(string? contentType, string type) =>
        string.Equals(contentType, type, StringComparison.Ordinal);
}
