using System.Text.Json;
using System.Text.Unicode;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Reading;

/// <summary>Explains why a frame is not a message.</summary>
internal static class FrameFault
{
    /// <summary>The frame is JSON, but not an object.</summary>
    public const string NotAnObject = "Message must be a JSON object";

    // Fits every command of the dialect and its relatives, and still fits a toast.
    private const int PrintableLengthMax = 40;

    /// <summary>The fault of the raw bytes; null when they can be parsed.</summary>
    public static string? FindBeforeParsing(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > MessageLimits.FrameBytesMax)
        {
            return $"Message is larger than {MessageLimits.FrameBytesMax} bytes";
        }

        // The JSON reader validates the bytes of a string only when the string is read, and change sets never are.
        return Utf8.IsValid(frame) ? null : "Message is not valid UTF-8";
    }

    /// <summary>Explains why parsing failed. Reads the frame again, because the text of an exception is not a contract.</summary>
    public static string FindAfterParsing(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(
            frame,
            new JsonReaderOptions { MaxDepth = MessageLimits.DepthMax + 1 }
        );
        var isObject = false;
        try
        {
            while (reader.Read())
            {
                isObject |= reader is { CurrentDepth: 0, TokenType: JsonTokenType.StartObject };
                // The reader's depth does not include an opening bracket itself.
                if (IsOpening(reader.TokenType) && reader.CurrentDepth >= MessageLimits.DepthMax)
                {
                    return $"Message is nested deeper than {MessageLimits.DepthMax} levels";
                }
            }
        }
        catch (JsonException)
        {
            return $"Message is not valid JSON near byte {reader.BytesConsumed}";
        }

        return isObject ? "Message cannot be read" : NotAnObject;
    }

    /// <summary>
    /// The fault of a name in a frame that is otherwise valid JSON; null when all names are usable. The same rule applies
    /// to the envelope, to change sets and to imported datasets.
    /// </summary>
    public static string? FindInNames(ReadOnlySpan<byte> frame) =>
        JsonFault.TryFindUnusableName(frame, MessageLimits.DepthMax, out _, out var fault) ? $"Message cannot be used: {fault}" : null;

    private static bool IsOpening(JsonTokenType token) =>
        token is JsonTokenType.StartObject or JsonTokenType.StartArray;

    /// <summary>A client's text in a form that is safe to display: other characters could be interpreted as markup.</summary>
    public static string Printable(string text)
    {
        var shown = text.Length > PrintableLengthMax ? text[..PrintableLengthMax] : text;
        var safe = string.Concat(
            shown.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' ? letter : '?')
        );
        return text.Length > PrintableLengthMax ? $"{safe}..." : safe;
    }
}
