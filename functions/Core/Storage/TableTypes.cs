using System.Collections.Frozen;

namespace ServerlessSync.Core.Storage;

/// <summary>The tables of the product. <see cref="All"/> lists them for their creation.</summary>
public sealed record TableName
{
    private TableName(string value) => Value = value;

    /// <summary>One partition per project: head, commits, snapshots, base dataset, access list.</summary>
    public static TableName Data { get; } = new("data");

    /// <summary>The catalogue of projects.</summary>
    public static TableName Projects { get; } = new("projects");

    /// <summary>Login names.</summary>
    public static TableName Users { get; } = new("users");

    /// <summary>One row per live connection.</summary>
    public static TableName Presence { get; } = new("presence");

    /// <summary>Projects that may have committed but unpublished revisions.</summary>
    public static TableName Due { get; } = new("due");

    /// <summary>Every table.</summary>
    public static IReadOnlyList<TableName> All { get; } = [Data, Projects, Users, Presence, Due];

    /// <summary>The name in storage: 3 to 63 letters and digits (Azure's rule).</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A row as it was read. Properties are those that were written, without keys, ETag and timestamp.</summary>
public sealed record TableRow(
    string PartitionKey,
    string RowKey,
    ETag ETag,
    IReadOnlyDictionary<string, TableValue> Properties
)
{
    /// <summary>A string property, or null when the row has none of that name.</summary>
    public string? GetString(string name) =>
        Properties.TryGetValue(name, out var value) ? value.AsString() : null;

    /// <summary>An integer property, or null when the row has none of that name.</summary>
    public long? GetInt64(string name) => Properties.TryGetValue(name, out var value) ? value.AsInt64() : null;

    /// <summary>A binary property, or null when the row has none of that name.</summary>
    public ReadOnlyMemory<byte>? GetBinary(string name)
    {
        // Not a conditional expression: it would convert null through an array to an empty memory.
        if (Properties.TryGetValue(name, out var value))
        {
            return value.AsBinary();
        }

        return null;
    }
}

/// <summary>The version of a row: opaque, and changed by every write.</summary>
public readonly record struct ETag(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Row keys from <see cref="From"/> (included) to <see cref="To"/> (excluded), compared ordinally.</summary>
public readonly record struct RowRange(string From, string To)
{
    /// <summary>All keys that begin with a prefix. The prefix must not be empty or end in U+FFFF.</summary>
    public static RowRange Prefix(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return new RowRange(prefix, prefix[..^1] + (char)(prefix[^1] + 1));
    }
}

/// <summary>One write of a transaction.</summary>
public abstract record TableAction
{
    private TableAction(string rowKey) => RowKey = rowKey;

    /// <summary>The row's key.</summary>
    public string RowKey { get; }

    /// <summary>Inserts a row; fails with <see cref="ConflictReason.Exists"/> when it exists.</summary>
    public sealed record Insert(string RowKey, IReadOnlyDictionary<string, TableValue> Properties) : TableAction(RowKey);

    /// <summary>
    /// Replaces all properties of a row that still has <see cref="IfMatch"/>; fails with
    /// <see cref="ConflictReason.Stale"/> or <see cref="ConflictReason.Missing"/>.
    /// </summary>
    public sealed record Replace(string RowKey, IReadOnlyDictionary<string, TableValue> Properties, ETag IfMatch)
        : TableAction(RowKey);

    /// <summary>Inserts the row or replaces the existing one.</summary>
    public sealed record Upsert(string RowKey, IReadOnlyDictionary<string, TableValue> Properties) : TableAction(RowKey);

    /// <summary>
    /// Deletes a row; with <see cref="IfMatch"/> only in that version. Fails with <see cref="ConflictReason.Missing"/>
    /// when it does not exist.
    /// </summary>
    public sealed record Delete(string RowKey, ETag? IfMatch) : TableAction(RowKey);
}

/// <summary>Why a transaction was not executed.</summary>
public enum ConflictReason
{
    /// <summary>A row to be inserted exists (409).</summary>
    Exists,

    /// <summary>A row to be replaced or removed does not exist (404).</summary>
    Missing,

    /// <summary>A row has changed since its ETag was read (412).</summary>
    Stale,
}

/// <summary>The outcome of a transaction. Losing a race is a result, not an error.</summary>
public abstract record TransactionResult
{
    private TransactionResult() { }

    /// <summary>All actions were executed. One ETag per action, in their order; null for a deletion.</summary>
    public sealed record Committed(IReadOnlyList<ETag?> ETags) : TransactionResult;

    /// <summary>No action was executed, because of the one at <see cref="ActionIndex"/>.</summary>
    public sealed record Conflict(int ActionIndex, ConflictReason Reason) : TransactionResult;
}

/// <summary>The store failed: unreachable, throttled, or its response was lost.</summary>
public class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The failed operation, with table and partition.</param>
    /// <param name="outcomeUnknown">Whether a transaction may have been executed.</param>
    /// <param name="innerException">The store's own error.</param>
    public StorageException(string message, bool outcomeUnknown, Exception? innerException = null)
        : base(message, innerException) => OutcomeUnknown = outcomeUnknown;

    /// <summary>Whether a transaction may have been executed although it failed for its caller.</summary>
    public bool OutcomeUnknown { get; }
}

/// <summary>Helpers for rows.</summary>
public static class TableRows
{
    /// <summary>A row without properties.</summary>
    public static IReadOnlyDictionary<string, TableValue> NoProperties { get; } =
        FrozenDictionary<string, TableValue>.Empty;
}
