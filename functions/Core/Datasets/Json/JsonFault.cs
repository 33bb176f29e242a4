using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>
/// Describes in one clause why a text is not accepted as JSON, and where: line and column from 1 as in editors, columns
/// in UTF-16 units. Reads the text again, so it is meant for refused texts only.
/// </summary>
public static class JsonFault
{
    private const int ShownLengthMax = 60;

    /// <summary>The fault, such as <c>line 3, column 5: trailing comma before a closing bracket</c>.</summary>
    /// <param name="json">The text, without a byte order mark.</param>
    /// <param name="depthMax">Levels that the text may have.</param>
    public static string Describe(ReadOnlySpan<byte> json, int depthMax)
    {
        if (!Utf8.IsValid(json))
        {
            return At(json, InvalidByteOf(json), "not UTF-8");
        }

        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "the text is empty";
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depthMax + 1 });
        try
        {
            while (reader.Read())
            {
                // The depth at an opening bracket does not include the bracket itself.
                if (IsOpening(reader.TokenType) && reader.CurrentDepth >= depthMax)
                {
                    return At(json, (int)reader.TokenStartIndex, $"nested deeper than {depthMax} levels");
                }
            }
        }
        catch (JsonException exception)
        {
            return DescribeSyntax(json, OffsetOf(json, exception));
        }

        return TryFindUnusableName(json, depthMax, out var offset, out var fault)
            ? At(json, offset, fault)
            : "the text cannot be read";
    }

    /// <summary>
    /// Finds the first invalid name: one that occurs twice in its object, or one with a lone surrogate. Parsers
    /// disagree about duplicates: browsers use the last field, others the first.
    /// </summary>
    /// <param name="json">Valid JSON.</param>
    /// <param name="depthMax">Levels that the text may have.</param>
    /// <param name="offset">The offset of the name, in bytes.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static bool TryFindUnusableName(ReadOnlySpan<byte> json, int depthMax, out int offset, out string fault)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depthMax });
        var objects = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    objects.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    objects.Pop();
                    break;
                case JsonTokenType.PropertyName when RawText.HasLoneSurrogate(reader.ValueSpan):
                    (offset, fault) = ((int)reader.TokenStartIndex, $"the name {Printable(reader.ValueSpan)} contains a lone surrogate");
                    return true;
                case JsonTokenType.PropertyName when reader.GetString() is { } name && !objects.Peek().Add(name):
                    (offset, fault) = ((int)reader.TokenStartIndex, $"the name {Printable(name)} occurs twice in one object");
                    return true;
            }
        }

        (offset, fault) = (0, string.Empty);
        return false;
    }

    /// <summary>A fault, prefixed with its position.</summary>
    internal static string At(ReadOnlySpan<byte> json, int offset, string fault)
    {
        var before = json[..offset];
        var line = before.Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return $"line {line}, column {column}: {fault}";
    }

    /// <summary>A piece of JSON for a message: cut short, without control characters.</summary>
    internal static string Shorten(ReadOnlySpan<byte> json) =>
        string.Concat(
            Encoding
                .UTF8.GetString(json[..Math.Min(json.Length, ShownLengthMax)])
                .Select(character => char.IsControl(character) || char.IsSurrogate(character) ? ' ' : character)
        );

    /// <summary>A name that is safe to display: other characters could be markup where a client shows it.</summary>
    internal static string Printable(ReadOnlySpan<byte> name) =>
        Printable(Encoding.UTF8.GetString(name[..Math.Min(name.Length, ShownLengthMax)]));

    private static string Printable(string name) =>
        string.Concat(
            name.Take(ShownLengthMax).Select(character => char.IsLetterOrDigit(character) || character is '_' or '-' or '.' or '$' ? character : '?')
        );

    private static string DescribeSyntax(ReadOnlySpan<byte> json, int offset)
    {
        if (offset >= json.Length || json[offset..].Trim(" \t\r\n"u8).IsEmpty)
        {
            return At(json, json.Length, "the JSON ends too early");
        }

        var before = json[..offset].TrimEnd(" \t\r\n"u8);
        var isTrailingComma = before is [.., (byte)','] && json[offset] is (byte)'}' or (byte)']';
        return At(json, offset, isTrailingComma ? "trailing comma before a closing bracket" : "not JSON from here on");
    }

    private static int OffsetOf(ReadOnlySpan<byte> json, JsonException exception)
    {
        var start = 0;
        for (var line = exception.LineNumber ?? 0; line > 0; line--)
        {
            start += json[start..].IndexOf((byte)'\n') + 1;
        }

        return (int)Math.Min(json.Length, start + (exception.BytePositionInLine ?? 0));
    }

    private static int InvalidByteOf(ReadOnlySpan<byte> json)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(json[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }

    private static bool IsOpening(JsonTokenType token) => token is JsonTokenType.StartObject or JsonTokenType.StartArray;
}
