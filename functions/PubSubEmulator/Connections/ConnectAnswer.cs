using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// The body of a response that accepts connect. Its content type is ignored. An empty body and <c>null</c> change nothing.
/// <c>groups</c> replaces the token's groups only when it names any; <c>roles</c> and <c>userId</c> always replace
/// (verified against the service).
/// </summary>
internal sealed record ConnectAnswer(
    string? UserId,
    IReadOnlyList<string>? Groups,
    IReadOnlyList<string>? Roles,
    string? Subprotocol
)
{
    private static readonly ConnectAnswer Nothing = new(null, null, null, null);

    /// <summary>Reads a body; false when it is invalid, which fails the handshake with 500.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ConnectAnswer? answer)
    {
        answer = body.IsEmpty ? Nothing : null;
        if (answer is not null)
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Null)
            {
                answer = Nothing;
            }
            else if (
                root.ValueKind == JsonValueKind.Object
                && TryText(root, "userId", out var user)
                && TryText(root, "subprotocol", out var subprotocol)
                && TryTexts(root, "groups", out var groups)
                && TryTexts(root, "roles", out var roles)
                && groups?.All(PubSubNames.IsGroup) is not false
            )
            {
                answer = new ConnectAnswer(user, groups is { Count: 0 } ? null : groups, roles, subprotocol);
            }
        }
        catch (JsonException)
        {
            // Not JSON: the result stays null.
        }

        return answer is not null;
    }

    private static bool TryText(JsonElement root, string name, out string? text)
    {
        text = null;
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null;
    }

    private static bool TryTexts(JsonElement root, string name, out IReadOnlyList<string>? texts)
    {
        texts = null;
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (
            value.ValueKind != JsonValueKind.Array
            || value.EnumerateArray().Any(element => element.ValueKind != JsonValueKind.String)
        )
        {
            return false;
        }

        texts = [.. value.EnumerateArray().Select(element => element.GetString()!)];
        return true;
    }
}
