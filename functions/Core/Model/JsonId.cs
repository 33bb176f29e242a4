using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.Core.Model;

/// <summary>
/// An id with the identity that JavaScript gives it: a string or a number. Type matters (<c>7</c> is not <c>"7"</c>),
/// spelling does not (<c>1.50</c> is <c>1.5</c>). It is written with the JSON text that it was read from, where that
/// was kept. Within a store, the string form alone decides (<see cref="IdentityRule.ByForm"/>): compare with
/// <see cref="ByForm"/>, or look up the <see cref="Twin"/>.
/// </summary>
public readonly record struct JsonId : IComparable<JsonId>
{
    /// <summary>
    /// The longest id in characters: this product's limit, so that no id can fill a table key (1 KiB).
    /// </summary>
    public const int LengthMax = 128;

    /// <summary>
    /// The longest key in characters: leaves room in a table key (512 characters) for prefix and suffix.
    /// </summary>
    public const int KeyLengthMax = 400;

    // Integers below this are formatted directly; nearly all numeric ids are.
    private const double PlainIntegerMax = 1e15;

    private readonly string? spelling;

    private JsonId(bool isNumber, string text, string? spelling = null)
    {
        IsNumber = isNumber;
        Text = text;
        this.spelling = spelling;
    }

    /// <summary>Compares ids as the clients' stores do: by string form, whatever their JSON type.</summary>
    public static IEqualityComparer<JsonId> ByForm { get; } = new FormComparer();

    /// <summary>Compares ids of records by a rule.</summary>
    public static IEqualityComparer<JsonId> By(IdentityRule rule) =>
        rule == IdentityRule.ByForm ? ByForm : EqualityComparer<JsonId>.Default;

    /// <summary>Whether the id is a JSON number.</summary>
    public bool IsNumber { get; }

    /// <summary>
    /// The string form: the characters of a string id, or what <c>String(id)</c> gives for a number in a browser
    /// (<c>1.5</c>, <c>1e-7</c>, <c>100000000000000000000</c>).
    /// </summary>
    public string Text => field ?? string.Empty;

    /// <summary>Whether this is the default value, which is no id.</summary>
    public bool IsEmpty => Text.Length == 0;

    /// <summary>
    /// The id of the other JSON type with the same string form. When no number has the string form of this id, the twin
    /// equals no other id.
    /// </summary>
    public JsonId Twin => new(!IsNumber, Text);

    /// <summary>Whether its JSON text differs from the one that <see cref="Text"/> gives.</summary>
    internal bool HasSpelling => spelling is not null;

    /// <summary>Characters that it holds in memory.</summary>
    internal int Characters => Text.Length + (spelling?.Length ?? 0);

    /// <summary>A string id.</summary>
    public static JsonId Of(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return new JsonId(isNumber: false, text);
    }

    /// <summary>A number id. Beyond 2^53 it is the nearest number that a browser can hold.</summary>
    public static JsonId Of(long number) => OfNumber(number);

    /// <summary>
    /// Reads an id from a JSON value. False when the value is not a usable id: other types, the empty string, more than
    /// <see cref="LengthMax"/> characters, control characters, lone surrogates.
    /// </summary>
    public static bool TryRead(JsonElement element, out JsonId id)
    {
        id = default;
        switch (element.ValueKind)
        {
            case JsonValueKind.Number when element.TryGetDouble(out var number) && double.IsFinite(number):
                // 1, 1.0 and 1e0 are the same value in a browser, so they are the same id here.
                id = OfNumber(number);
                return true;
            case JsonValueKind.String when TextOf(element) is { } text && IsUsable(text):
                id = new JsonId(isNumber: false, text);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The same id, to be written with the given JSON text.</summary>
    internal JsonId SpelledAs(string json) => new(IsNumber, Text, json);

    /// <summary>Whether the two have the same string form and so name the same record of a store.</summary>
    public bool HasSameFormAs(JsonId other) => string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <summary>Whether type and value are the same, whatever the spelling.</summary>
    public bool Equals(JsonId other) => IsNumber == other.IsNumber && HasSameFormAs(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsNumber, Text);

    // 0 and -0 are the same value in a browser too.
    private static JsonId OfNumber(double number) =>
        new(
            isNumber: true,
            Math.Abs(number) < PlainIntegerMax && double.IsInteger(number)
                ? ((long)number).ToString(CultureInfo.InvariantCulture)
                : NumberForm.Of(number)
        );

    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate: JSON allows it, but it cannot be decoded to a string.
            return null;
        }
    }

    /// <summary>Whether a text may be a string id.</summary>
    public static bool IsUsable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > LengthMax)
        {
            return false;
        }

        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsControl(text[index]))
            {
                return false;
            }

            if (char.IsSurrogate(text[index]))
            {
                if (!char.IsSurrogatePair(text, index))
                {
                    return false;
                }

                index++;
            }
        }

        return true;
    }

    /// <summary>Writes the id as its JSON value.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (IsNumber || HasSpelling)
        {
            writer.WriteRawValue(spelling ?? Text, skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(Text);
        }
    }

    /// <summary>The JSON text of the id.</summary>
    public string ToJson() => spelling ?? (IsNumber ? Text : $"\"{JsonEncodedText.Encode(Text)}\"");

    /// <inheritdoc/>
    public int CompareTo(JsonId other) =>
        IsNumber == other.IsNumber ? string.CompareOrdinal(Text, other.Text) : IsNumber.CompareTo(other.IsNumber);

    /// <summary>The JSON text of the id.</summary>
    public override string ToString() => ToJson();

    /// <summary>Order of two ids; numbers come after strings.</summary>
    public static bool operator <(JsonId left, JsonId right) => left.CompareTo(right) < 0;

    /// <summary>Order of two ids; numbers come after strings.</summary>
    public static bool operator <=(JsonId left, JsonId right) => left.CompareTo(right) <= 0;

    /// <summary>Order of two ids; numbers come after strings.</summary>
    public static bool operator >(JsonId left, JsonId right) => left.CompareTo(right) > 0;

    /// <summary>Order of two ids; numbers come after strings.</summary>
    public static bool operator >=(JsonId left, JsonId right) => left.CompareTo(right) >= 0;

    /// <summary>
    /// The id as a key for a table row or a group name: <c>n</c> or <c>s</c>, then the text with everything but
    /// letters, digits, <c>-</c> and <c>_</c> written as <c>~hh</c> per UTF-8 byte. Case-sensitive, free of the
    /// characters that Azure Tables forbids in keys (slash, backslash, #, ?, controls) and of quotes and dots. A longer
    /// text than <see cref="KeyLengthMax"/> is replaced by <c>~~</c> and its SHA-256; no other key contains <c>~~</c>.
    /// </summary>
    public string ToKey()
    {
        var text = IsNumber ? NumberForm.InKeys(double.Parse(Text, CultureInfo.InvariantCulture)) : Text;
        var key = new StringBuilder(text.Length + 1).Append(IsNumber ? 'n' : 's');
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_')
            {
                key.Append((char)value);
            }
            else
            {
                key.Append('~').Append(value.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return key.Length <= KeyLengthMax
            ? key.ToString()
            : $"{key[0]}~~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }

    private sealed class FormComparer : IEqualityComparer<JsonId>
    {
        public bool Equals(JsonId x, JsonId y) => x.HasSameFormAs(y);

        public int GetHashCode(JsonId obj) => obj.Text.GetHashCode(StringComparison.Ordinal);
    }
}
