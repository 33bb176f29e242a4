using System.Text.Json;
using System.Text.Unicode;
using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>Validates untrusted JSON text, so that later code can rely on it.</summary>
public static class JsonGuard
{
    /// <summary>U+FEFF in UTF-8, which editors put in front of files (RFC 8259, 8.1: a parser may ignore it).</summary>
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Parses a JSON text, with or without a byte order mark. Null, with a reason that gives the position, when the
    /// text is malformed or contains an invalid name. Reading the names of the result never throws.
    /// </summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json, int depthMax, out string reason)
    {
        var text = json.Span.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;
        reason = string.Empty;
        try
        {
            if (Utf8.IsValid(text.Span))
            {
                reason = NameFault(text.Span, depthMax) ?? string.Empty;

                // Parsers disagree about which of two equal names applies.
                var options = new JsonDocumentOptions { MaxDepth = depthMax, AllowDuplicateProperties = false };
                return reason.Length == 0 ? JsonDocument.Parse(text, options) : null;
            }
        }
        catch (JsonException)
        {
            // The exception's message is no contract, and quotes input of any length.
        }

        reason = JsonFault.Describe(text.Span, depthMax);
        return null;
    }

    /// <summary>A value for a message: cut short, without control characters.</summary>
    internal static string Shorten(ReadOnlySpan<byte> json) => JsonFault.Shorten(json);

    private static string? NameFault(ReadOnlySpan<byte> json, int depthMax)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depthMax });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var fault =
                reader.ValueSpan.Length > DatasetLimits.FieldNameBytesMax
                    ? $"the name {JsonFault.Printable(reader.ValueSpan)} is longer than {DatasetLimits.FieldNameBytesMax} bytes"
                : RawText.HasLoneSurrogate(reader.ValueSpan)
                    ? $"the name {JsonFault.Printable(reader.ValueSpan)} contains a lone surrogate"
                // A client that copies the object field by field would change the prototype of its copy.
                : reader.ValueTextEquals("__proto__"u8) ? "the name __proto__ cannot be used"
                : null;
            if (fault is not null)
            {
                return JsonFault.At(json, (int)reader.TokenStartIndex, fault);
            }
        }

        return null;
    }
}
