namespace ServerlessSync.Core.Storage;

/// <summary>
/// The limits of Azure Table Storage, enforced by every implementation of the port before any I/O: Azurite accepts rows
/// over 1 MiB and transactions over two partitions, so tests alone would not find a violation. Source:
/// learn.microsoft.com, "Understanding the Table service data model" and "Performing entity group transactions".
/// </summary>
public static class TableLimits
{
    /// <summary>Rows in one transaction.</summary>
    public const int TransactionRowsMax = 100;

    /// <summary>Bytes of one transaction as sent: binary as base64, and six bytes per escaped character.</summary>
    public const int TransactionBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of a binary property.</summary>
    public const int PropertyBytesMax = 64 * 1024;

    /// <summary>Characters of a string property: 64 KiB of UTF-16.</summary>
    public const int StringCharactersMax = 32 * 1024;

    /// <summary>Bytes of a row: names and values, strings as UTF-16.</summary>
    public const int RowBytesMax = 1024 * 1024;

    /// <summary>Properties of a row beside its keys and timestamp.</summary>
    public const int RowPropertiesMax = 252;

    /// <summary>Characters of a property's name: letters and digits of ASCII and <c>_</c>, not a digit first.</summary>
    public const int PropertyNameCharactersMax = 255;

    /// <summary>Bytes of a partition or row key, as UTF-16.</summary>
    public const int KeyBytesMax = 1024;

    /// <summary>
    /// Characters of both keys of a written row in a URL (a non-ASCII character takes 6 to 9). The service repeats the
    /// URL in a response header, and the SDK cannot read a header line beyond 4,096 characters: the write would succeed
    /// and be reported as failed.
    /// </summary>
    public const int KeyUrlCharactersMax = 3 * 1024;

    /// <summary>Bytes of the batch envelope per action: headers of its part, its URL, JSON names.</summary>
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
        var partitionUrl = RowSize.UrlCharacters(partitionKey);
        long bytes = 0;
        foreach (var action in actions)
        {
            CheckKey(action.RowKey, nameof(actions));
            if (!rowKeys.Add(action.RowKey))
            {
                throw new ArgumentException($"Row '{action.RowKey}' occurs twice in one transaction.", nameof(actions));
            }

            var url = partitionUrl + RowSize.UrlCharacters(action.RowKey);
            if (url > KeyUrlCharactersMax)
            {
                throw new ArgumentException(
                    $"The keys of row '{action.RowKey}' take {url} characters in a URL; the limit is {KeyUrlCharactersMax}.",
                    nameof(actions)
                );
            }

            CheckIfMatch(action);
            bytes += ActionOverheadBytes + url + RowSize.CheckedSentBytes(partitionKey, action);
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
                throw new ArgumentException(
                    "A key holds no slash, backslash, #, ? or control character.",
                    parameterName
                );
            }
        }

        if (!RowSize.IsWellFormed(key))
        {
            throw new ArgumentException("A key must not contain a lone surrogate.", parameterName);
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> when a range or a limit is invalid.</summary>
    /// <remarks>A bound need not be a valid key: the end of a prefix range often is not.</remarks>
    public static void CheckQuery(string partitionKey, RowRange range, int? limit)
    {
        CheckKey(partitionKey, nameof(partitionKey));
        ArgumentNullException.ThrowIfNull(range.From, nameof(range));
        ArgumentNullException.ThrowIfNull(range.To, nameof(range));
        ArgumentOutOfRangeException.ThrowIfNegative(limit.GetValueOrDefault(), nameof(limit));
        if (!RowSize.IsWellFormed(range.From) || !RowSize.IsWellFormed(range.To))
        {
            throw new ArgumentException("A bound must not contain a lone surrogate.", nameof(range));
        }
    }

    private static void CheckIfMatch(TableAction action)
    {
        var ifMatch = action switch
        {
            TableAction.Replace replace => replace.IfMatch,
            TableAction.Delete { IfMatch: { } eTag } => eTag,
            _ => (ETag?)null,
        };

        // "*" matches every version, so it would fence nothing.
        if (ifMatch is { Value: null or "" or "*" })
        {
            throw new ArgumentException(
                $"Row '{action.RowKey}' is conditional on an ETag that no store gave out.",
                nameof(action)
            );
        }
    }
}
