using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ServerlessSync.Core.Data;

/// <summary>Checks JSON text that comes from outside, so that what follows can rely on it.</summary>
internal static class JsonGuard
{
    private const int ShownLengthMax = 60;
    private const int MessageLengthMax = 200;

    /// <summary>Parses a JSON text; null with a reason when it is broken or a name in it cannot be used.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json, int depthMax, out string reason)
    {
        reason = "the text is not UTF-8";
        if (!Utf8.IsValid(json.Span))
        {
            return null;
        }

        try
        {
            if (NameFault(json.Span, depthMax) is { } fault)
            {
                reason = fault;
                return null;
            }

            // Two fields of one name would be two answers to one question.
            var options = new JsonDocumentOptions { MaxDepth = depthMax, AllowDuplicateProperties = false };
            return JsonDocument.Parse(json, options);
        }
        catch (JsonException exception)
        {
            // The text of the exception repeats what could not be read, however long that is.
            var message = exception.Message;
            reason =
                $"the text is no JSON nested at most {depthMax} deep: {Clean(message[..Math.Min(message.Length, MessageLengthMax)])}";
            return null;
        }
    }

    /// <summary>A value for a message: cut short, without control characters.</summary>
    public static string Shorten(ReadOnlySpan<byte> json)
    {
        return Clean(Encoding.UTF8.GetString(json[..Math.Min(json.Length, ShownLengthMax)]));
    }

    private static string Clean(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) || char.IsSurrogate(character) ? ' ' : character));

    private static string? NameFault(ReadOnlySpan<byte> json, int depthMax)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depthMax });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.ValueSpan.Length > DatasetLimits.FieldNameBytesMax)
            {
                return $"the name {Shorten(reader.ValueSpan)} is longer than {DatasetLimits.FieldNameBytesMax} bytes";
            }

            if (RawText.HasLoneSurrogate(reader.ValueSpan))
            {
                return $"the name {Shorten(reader.ValueSpan)} holds half a surrogate pair";
            }

            // A client that copies it field by field would change the prototype of its object.
            if (reader.ValueTextEquals("__proto__"u8))
            {
                return "the name __proto__ cannot be used";
            }
        }

        return null;
    }
}
