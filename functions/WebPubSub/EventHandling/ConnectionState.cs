using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// The connection state as a header: a Base64-encoded JSON object, the form that the service's SDKs share, so that their
/// tools can display it. The object has one key, whose value is the product's state.
/// </summary>
internal static class ConnectionState
{
    /// <summary>The header, in requests and responses.</summary>
    public const string Header = "ce-connectionState";

    private const string Key = "s";

    /// <summary>Reads a state. Null when it is absent, too long or not written by us; the product then starts afresh.</summary>
    public static string? Read(StringValues header)
    {
        if (header is not [{ Length: > 0 and <= EventLimits.StateCharsMax } text])
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(text));
            return
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(Key, out var state)
                && state.ValueKind == JsonValueKind.String
                ? state.GetString()
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is valid JSON but not valid UTF-16.
            return null;
        }
    }

    /// <summary>Encodes a state.</summary>
    /// <exception cref="InvalidOperationException">The state is longer than <see cref="EventLimits.StateCharsMax"/>; the
    /// product must keep it small.</exception>
    public static string Write(string state)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(Key, state);
            writer.WriteEndObject();
        }

        var text = Convert.ToBase64String(buffer.WrittenSpan);
        return text.Length <= EventLimits.StateCharsMax
            ? text
            : throw new InvalidOperationException(
                $"The connection state takes {text.Length} characters; the limit is {EventLimits.StateCharsMax}."
            );
    }
}
