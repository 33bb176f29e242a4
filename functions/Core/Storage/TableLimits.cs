namespace ServerlessSync.Core.Storage;

/// <summary>
/// The limits of Azure Table Storage, enforced by every implementation of the port before any I/O: Azurite accepts
/// rows over 1 MiB and transactions over two partitions, and a limit first met in production is met too late.
/// Source: learn.microsoft.com, "Understanding the Table service data model" and "Performing entity group transactions".
/// </summary>
public static class TableLimits
{
    /// <summary>Rows in one transaction.</summary>
    public const int TransactionRowsMax = 100;

    /// <summary>Bytes of one transaction as sent; binary travels as base64.</summary>
    public const int TransactionBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of a binary property.</summary>
    public const int PropertyBytesMax = 64 * 1024;

    /// <summary>Characters of a string property: 64 KiB of UTF-16.</summary>
    public const int StringCharactersMax = 32 * 1024;

    /// <summary>Bytes of a row: names and values, strings as UTF-16.</summary>
    public const int RowBytesMax = 1024 * 1024;

    /// <summary>Properties of a row beside keys and time stamp.</summary>
    public const int RowPropertiesMax = 252;

    /// <summary>Bytes of a partition or row key, as UTF-16.</summary>
    public const int KeyBytesMax = 1024;

    /// <summary>Bytes of the batch envelope that each action costs beside its values: headers of its part, its URL, JSON names.</summary>
    public const int ActionOverheadBytes = 1024;

    /// <summary>Throws <see cref="ArgumentException"/> when Azure would refuse the transaction; the message names the limit.</summary>
    public static void Check(string partitionKey, IReadOnlyList<TableAction> actions)
    {
        ArgumentNullException.ThrowIfNull(actions);
        CheckKey(partitionKey, nameof(partitionKey));
        if (actions.Count is 0 or > TransactionRowsMax)
        {
            throw new ArgumentException(
                $"A transaction holds 1 to {TransactionRowsMax} rows, not {actions.Count}.",
                nameof(actions)
            );
        }

        var rowKeys = new HashSet<string>(actions.Count, StringComparer.Ordinal);
        long bytes = 0;
        foreach (var action in actions)
        {
            CheckKey(action.RowKey, nameof(actions));
            if (!rowKeys.Add(action.RowKey))
            {
                throw new ArgumentException($"Row '{action.RowKey}' occurs twice in one transaction.", nameof(actions));
            }

            bytes += ActionOverheadBytes + (2L * (partitionKey.Length + action.RowKey.Length)) + CheckProperties(action);
        }

        if (bytes > TransactionBytesMax)
        {
            throw new ArgumentException(
                $"A transaction holds at most {TransactionBytesMax} bytes as sent, not {bytes}.",
                nameof(actions)
            );
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> when a text cannot be a partition or row key.</summary>
    public static void CheckKey(string key, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(key, parameterName);
        if (key.Length * 2 > KeyBytesMax)
        {
            throw new ArgumentException($"A key holds at most {KeyBytesMax / 2} characters.", parameterName);
        }

        foreach (var character in key)
        {
            if (character is '/' or '\\' or '#' or '?' || char.IsControl(character))
            {
                throw new ArgumentException("A key holds no slash, backslash, #, ? or control character.", parameterName);
            }
        }
    }

    /// <summary>Bytes that a value takes in a transaction: binary as base64, strings at their longest in UTF-8.</summary>
    private static long CheckProperties(TableAction action)
    {
        var properties = action switch
        {
            TableAction.Insert insert => insert.Properties,
            TableAction.Replace replace => replace.Properties,
            TableAction.Upsert upsert => upsert.Properties,
            _ => TableRows.NoProperties,
        };
        if (properties.Count > RowPropertiesMax)
        {
            throw new ArgumentException(
                $"Row '{action.RowKey}' has {properties.Count} properties; the limit is {RowPropertiesMax}.",
                nameof(action)
            );
        }

        long stored = 2L * action.RowKey.Length;
        long sent = 0;
        foreach (var (name, value) in properties)
        {
            var size = CheckValue(action.RowKey, name, value);
            stored += (2L * name.Length) + 8 + size;
            sent += (2L * name.Length) + 64 + (value.IsBinary ? (size + 2) / 3 * 4 : size * 3 / 2);
        }

        return stored <= RowBytesMax
            ? sent
            : throw new ArgumentException(
                $"Row '{action.RowKey}' takes {stored} bytes; the limit is {RowBytesMax}.",
                nameof(action)
            );
    }

    private static long CheckValue(string rowKey, string name, TableValue value)
    {
        if (value.IsInt64)
        {
            return sizeof(long);
        }

        var (size, limit, unit) = value.IsString
            ? (value.AsString().Length, StringCharactersMax, "characters")
            : (value.AsBinary().Length, PropertyBytesMax, "bytes");
        if (size > limit)
        {
            throw new ArgumentException(
                $"Property '{name}' of row '{rowKey}' has {size} {unit}; the limit is {limit}.",
                nameof(value)
            );
        }

        return value.IsString ? size * 2L : size;
    }
}
