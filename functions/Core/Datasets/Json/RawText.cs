using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>Reads single values from JSON text. Never throws because of the text.</summary>
internal static class RawText
{
    // Smaller integers need no conversion to a double, which holds them exactly.
    private const long PlainNumberMax = 1_000_000_000_000_000;

    // The characters that a rewritten id does not escape: printable ASCII without those that the writer escapes, among
    // others for HTML.
    private static readonly SearchValues<byte> Unescaped = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static code => (byte)code).Except("\"&'+<>\\`"u8.ToArray())]
    );

    /// <summary>The text of a value.</summary>
    public static ReadOnlySpan<byte> Of(JsonElement element) => JsonMarshal.GetRawUtf8Value(element);

    /// <summary>Reads an id from a value; see <see cref="JsonId.TryRead"/>. It keeps its spelling.</summary>
    public static bool TryReadId(JsonElement element, out JsonId id) => TryReadId(Of(element), out id);

    /// <summary>
    /// Reads an id from the text of a value; see <see cref="JsonId.TryRead"/>. It keeps its spelling. Ids of records
    /// are also checked by <see cref="RecordIds"/>.
    /// </summary>
    public static bool TryReadId(ReadOnlySpan<byte> value, out JsonId id)
    {
        id = default;
        if (value.IsEmpty)
        {
            return false;
        }

        if (value[0] == (byte)'"')
        {
            // A character takes at most six bytes, so a longer text can be refused without decoding it.
            if (
                value.Length > (6 * JsonId.LengthMax) + 2
                || TryReadString(value) is not { } text
                || !JsonId.IsUsable(text)
            )
            {
                return false;
            }

            id = JsonId.Of(text);
            id = value[1..^1].ContainsAnyExcept(Unescaped) ? id.SpelledAs(Encoding.UTF8.GetString(value)) : id;
            return true;
        }

        return TryReadNumberId(value, out id);
    }

    /// <summary>
    /// Reads an integer in its canonical form; <c>1.0</c>, <c>1e3</c> and <c>-0</c> are not accepted.
    /// </summary>
    public static bool TryReadInteger(ReadOnlySpan<byte> value, out int number)
    {
        Span<byte> spelled = stackalloc byte[16];
        return Utf8Parser.TryParse(value, out number, out var used)
            && used == value.Length
            && number.TryFormat(spelled, out var written, default, CultureInfo.InvariantCulture)
            && value.SequenceEqual(spelled[..written]);
    }

    /// <summary>
    /// The canonical form of a field's name, in which names compare byte by byte: only quotes, backslashes and control
    /// characters are escaped.
    /// </summary>
    public static ReadOnlySpan<byte> CanonicalName(ReadOnlySpan<byte> name)
    {
        if (name.IndexOf((byte)'\\') < 0)
        {
            return name;
        }

        byte[] quoted = [(byte)'"', .. name, (byte)'"'];
        var spelled = new StringBuilder();
        foreach (var character in TryReadString(quoted) ?? string.Empty)
        {
            if (character is '"' or '\\')
            {
                spelled.Append('\\').Append(character);
            }
            else if (character < ' ')
            {
                spelled.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                spelled.Append(character);
            }
        }

        return Encoding.UTF8.GetBytes(spelled.ToString());
    }

    /// <summary>
    /// Whether a JSON text contains an escaped lone surrogate. Browsers write such strings, .NET refuses to
    /// decode them; they are passed on as text, but cannot be ids or names.
    /// </summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        var pendingHigh = false;
        while (!json.IsEmpty)
        {
            var slash = json.IndexOf((byte)'\\');
            if (slash != 0 && pendingHigh)
            {
                return true;
            }

            if (slash < 0 || slash + 1 >= json.Length)
            {
                return false;
            }

            var isUnicode = json[slash + 1] == (byte)'u' && slash + 6 <= json.Length;
            var unit = isUnicode && Utf8Parser.TryParse(json.Slice(slash + 2, 4), out int hex, out _, 'x') ? hex : 0;
            if (pendingHigh != char.IsLowSurrogate((char)unit))
            {
                return true;
            }

            pendingHigh = char.IsHighSurrogate((char)unit);
            json = json[(slash + (isUnicode ? 6 : 2))..];
        }

        return pendingHigh;
    }

    private static string? TryReadString(ReadOnlySpan<byte> quoted)
    {
        var inner = quoted[1..^1];
        if (inner.IndexOf((byte)'\\') < 0)
        {
            return Encoding.UTF8.GetString(inner);
        }

        if (HasLoneSurrogate(inner))
        {
            return null;
        }

        var reader = new Utf8JsonReader(quoted);
        return reader.Read() ? reader.GetString() : null;
    }

    private static bool TryReadNumberId(ReadOnlySpan<byte> value, out JsonId id)
    {
        if (
            Utf8Parser.TryParse(value, out long whole, out var used)
            && used == value.Length
            && whole is > -PlainNumberMax and < PlainNumberMax
            && (whole != 0 || value[0] == (byte)'0')
        )
        {
            id = JsonId.Of(whole);
            return true;
        }

        id = default;
        if (value[0] is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            return false;
        }

        var reader = new Utf8JsonReader(value);
        using var number = JsonDocument.ParseValue(ref reader);
        if (!JsonId.TryRead(number.RootElement, out id))
        {
            return false;
        }

        var isSpelledAsPrinted = value.Length == id.Text.Length && Encoding.UTF8.GetString(value).Equals(id.Text, StringComparison.Ordinal);
        if (!isSpelledAsPrinted && value.Length <= JsonId.LengthMax)
        {
            id = id.SpelledAs(Encoding.UTF8.GetString(value));
        }

        return true;
    }
}
