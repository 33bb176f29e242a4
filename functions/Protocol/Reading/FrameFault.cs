using System.Text.Json;
using System.Text.Unicode;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Reading;

/// <summary>Says why a frame is no message at all.</summary>
internal static class FrameFault
{
    /// <summary>The frame is JSON, but no object.</summary>
    public const string NotAnObject = "Message must be a JSON object";

    // Long enough for every command of the dialect and its relatives, short enough for a toast.
    private const int PrintableLengthMax = 40;

    /// <summary>What is wrong with the bytes as such; null when they can be parsed.</summary>
    public static string? FindBeforeParsing(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > MessageLimits.FrameBytesMax)
        {
            return $"Message is larger than {MessageLimits.FrameBytesMax} bytes";
        }

        // The JSON reader looks at the bytes between quotes only when they are asked for; change sets never are.
        return Utf8.IsValid(frame) ? null : "Message is not valid UTF-8";
    }

    /// <summary>Why parsing failed. Looks at the frame again, since an exception's text is not a contract.</summary>
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
                // The depth of an opening bracket is counted without itself.
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
    /// What is wrong with a name of a frame that is JSON otherwise; null when each can be used. It is the same rule for the envelope, for
    /// change sets and for imported datasets.
    /// </summary>
    public static string? FindInNames(ReadOnlySpan<byte> frame) =>
        JsonFault.TryFindUnusableName(frame, MessageLimits.DepthMax, out _, out var fault) ? $"Message cannot be used: {fault}" : null;

    private static bool IsOpening(JsonTokenType token) =>
        token is JsonTokenType.StartObject or JsonTokenType.StartArray;

    /// <summary>A client's word as it may be shown: other letters could be markup where it is displayed.</summary>
    public static string Printable(string text)
    {
        var shown = text.Length > PrintableLengthMax ? text[..PrintableLengthMax] : text;
        var safe = string.Concat(
            shown.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' ? letter : '?')
        );
        return text.Length > PrintableLengthMax ? $"{safe}..." : safe;
    }
}
