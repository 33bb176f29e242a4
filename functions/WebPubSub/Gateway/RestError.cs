using System.Text.Json;
using Azure;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>Reads the error code of a response for messages to operators.</summary>
internal static class RestError
{
    /// <summary>The longest code that is repeated; the service's own have about 30 characters.</summary>
    private const int CodeCharsMax = 100;

    /// <summary>The largest body that is searched for a code, in bytes.</summary>
    private const int BodyBytesMax = 16 * 1024;

    /// <summary>The code in parentheses with a leading space, or an empty text.</summary>
    public static string Describe(Response response)
    {
        var code = response.Headers.TryGetValue("x-ms-error-code", out var header) ? header : CodeInBody(response);
        return code is { Length: > 0 and <= CodeCharsMax } && code.All(IsCodeCharacter) ? $" ({code})" : string.Empty;
    }

    // The text is foreign and goes to the log, so only the characters of a code are allowed.
    private static bool IsCodeCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';

    private static string? CodeInBody(Response response)
    {
        if (response.ContentStream is not { CanSeek: true, Length: > 0 and <= BodyBytesMax })
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var error = document.RootElement;
            // The service sends a flat object; its published description nests it.
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("error", out var nested))
            {
                error = nested;
            }

            return
                error.ValueKind == JsonValueKind.Object
                && error.TryGetProperty("code", out var code)
                && code.ValueKind == JsonValueKind.String
                ? code.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
