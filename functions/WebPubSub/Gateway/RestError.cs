using System.Text.Json;
using Azure;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>Reads the error code of an answer, for messages that operators read.</summary>
internal static class RestError
{
    /// <summary>Longest code that is repeated; the service's own have about 30 characters.</summary>
    private const int CodeCharsMax = 100;

    /// <summary>Longest body that is searched for a code, in bytes.</summary>
    private const int BodyBytesMax = 16 * 1024;

    /// <summary>The code in brackets with a leading space, or nothing.</summary>
    public static string Describe(Response response)
    {
        var code = response.Headers.TryGetValue("x-ms-error-code", out var header) ? header : CodeInBody(response);
        return code is { Length: > 0 and <= CodeCharsMax } && code.All(IsCodeCharacter) ? $" ({code})" : string.Empty;
    }

    // Foreign text goes to logs, so only what a code consists of is let through.
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
            // The service sends a flat object, its published description has it nested.
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
