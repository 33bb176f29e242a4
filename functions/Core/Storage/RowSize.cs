namespace ServerlessSync.Core.Storage;

/// <summary>The size of a row in storage and on the wire, by Azure's formulas and the escaping of its SDK.</summary>
internal static class RowSize
{
    /// <summary>Bytes of an escaped character in JSON: <c>\u00e9</c>.</summary>
    private const int EscapedCharacterBytes = 6;

    /// <summary>Bytes of a property beside its value and twice its name: quotes, colons, commas, the type annotation.</summary>
    private const int PropertyEnvelopeBytes = 64;

    /// <summary>Names that the service or the SDK reserves.</summary>
    private static readonly string[] ReservedNames = ["PartitionKey", "RowKey", "Timestamp", "ETag"];

    /// <summary>
    /// Bytes that an action's keys and properties take in a request body; throws <see cref="ArgumentException"/> when a
    /// property or the row exceeds a limit.
    /// </summary>
    public static long CheckedSentBytes(string partitionKey, TableAction action)
    {
        var properties = action switch
        {
            TableAction.Insert insert => insert.Properties,
            TableAction.Replace replace => replace.Properties,
            TableAction.Upsert upsert => upsert.Properties,
            _ => TableRows.NoProperties,
        };
        if (properties.Count > TableLimits.RowPropertiesMax)
        {
            throw new ArgumentException(
                $"Row '{action.RowKey}' has {properties.Count} properties; the limit is {TableLimits.RowPropertiesMax}.",
                nameof(action)
            );
        }

        // 4 bytes + 2 per key character + per property 8 bytes + 2 per name character + the value (data model page).
        var stored = 4 + (2L * (partitionKey.Length + action.RowKey.Length));
        var sent = JsonBytes(partitionKey) + JsonBytes(action.RowKey);
        foreach (var (name, value) in properties)
        {
            CheckName(action.RowKey, name);
            CheckValue(action.RowKey, name, value);
            stored += 8 + (2L * name.Length) + StoredBytes(value);
            sent += PropertyEnvelopeBytes + (2L * name.Length) + SentBytes(value);
        }

        return stored <= TableLimits.RowBytesMax
            ? sent
            : throw new ArgumentException(
                $"Row '{action.RowKey}' takes {stored} bytes; the limit is {TableLimits.RowBytesMax}.",
                nameof(action)
            );
    }

    /// <summary>Characters of a text, percent-encoded for a URL with its quotes doubled.</summary>
    public static int UrlCharacters(string text)
    {
        var characters = 0;
        foreach (var character in text)
        {
            characters += character switch
            {
                '\'' => 6,
                '-' or '.' or '_' or '~' => 1,
                _ when char.IsAsciiLetterOrDigit(character) => 1,
                < '\u0080' => 3,
                < '\u0800' => 6,
                _ => 9,
            };
        }

        return characters;
    }

    /// <summary>
    /// Whether the text has no lone surrogate. UTF-8 cannot encode one, and the SDK would silently write a replacement
    /// character.
    /// </summary>
    public static bool IsWellFormed(string text)
    {
        var rest = text.AsSpan();
        for (var next = IndexOfSurrogate(rest); next >= 0; next = IndexOfSurrogate(rest))
        {
            rest = rest[next..];
            if (rest.Length < 2 || !char.IsSurrogatePair(rest[0], rest[1]))
            {
                return false;
            }

            rest = rest[2..];
        }

        return true;
    }

    private static int IndexOfSurrogate(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF');

    private static void CheckName(string rowKey, string name)
    {
        var isUsable =
            name.Length is > 0 and <= TableLimits.PropertyNameCharactersMax
            && !char.IsAsciiDigit(name[0])
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            && !ReservedNames.Contains(name, StringComparer.OrdinalIgnoreCase);
        if (!isUsable)
        {
            throw new ArgumentException(
                $"Row '{rowKey}' has a property '{name}'; a name is 1 to {TableLimits.PropertyNameCharactersMax} ASCII letters, "
                    + $"digits or _, not a digit first, and none of {string.Join(", ", ReservedNames)}.",
                nameof(name)
            );
        }
    }

    private static void CheckValue(string rowKey, string name, TableValue value)
    {
        if (value.IsInt64)
        {
            return;
        }

        if (!value.IsString && !value.IsBinary)
        {
            throw new ArgumentException($"Property '{name}' of row '{rowKey}' has no value.", nameof(value));
        }

        var (size, limit, unit) = value.IsString
            ? (value.AsString().Length, TableLimits.StringCharactersMax, "characters")
            : (value.AsBinary().Length, TableLimits.PropertyBytesMax, "bytes");
        if (size > limit)
        {
            throw new ArgumentException(
                $"Property '{name}' of row '{rowKey}' has {size} {unit}; the limit is {limit}.",
                nameof(value)
            );
        }

        if (value.IsString && !IsWellFormed(value.AsString()))
        {
            throw new ArgumentException(
                $"Property '{name}' of row '{rowKey}' contains a lone surrogate.",
                nameof(value)
            );
        }
    }

    private static long StoredBytes(TableValue value)
    {
        if (value.IsInt64)
        {
            return sizeof(long);
        }

        return value.IsString ? 4 + (2L * value.AsString().Length) : 4 + value.AsBinary().Length;
    }

    private static long SentBytes(TableValue value)
    {
        if (value.IsInt64)
        {
            return "-9223372036854775808".Length;
        }

        return value.IsString ? JsonBytes(value.AsString()) : (value.AsBinary().Length + 2L) / 3 * 4;
    }

    /// <summary>
    /// The SDK's JSON writer escapes everything but ASCII, and within ASCII the characters that are special in HTML.
    /// </summary>
    private static long JsonBytes(string text)
    {
        long bytes = 0;
        foreach (var character in text)
        {
            var isPlain =
                character is >= ' ' and <= '~'
                && character is not ('"' or '\\' or '&' or '\'' or '<' or '>' or '+' or '`');
            bytes += isPlain ? 1 : EscapedCharacterBytes;
        }

        return bytes;
    }
}
