using System.Collections.Frozen;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// The scope's head row. Every change of presence writes it, so a conditional write of it fails when anything has
/// changed.
/// </summary>
/// <param name="Changes">The number of transactions that have changed presence.</param>
/// <param name="Sent">The number of changes that the last sent list is known to contain.</param>
/// <param name="Owner">The instance that may send lists; empty when the lease is free.</param>
/// <param name="Term">
/// Increases whenever the lease is taken or renewed, so an unchanged term means a silent owner.
/// </param>
internal sealed record PresenceHead(long Changes, long Sent, string Owner, long Term)
{
    public const string RowKey = "head";

    public static PresenceHead Empty { get; } = new(0, 0, string.Empty, 0);

    public bool IsFree => Owner.Length == 0;

    public bool IsDue => Sent < Changes;

    public static PresenceHead Read(TableRow row)
    {
        PresenceFormat.Check(row);
        return new PresenceHead(
            row.GetInt64("changes") ?? 0,
            row.GetInt64("sent") ?? 0,
            row.GetString("owner") ?? string.Empty,
            row.GetInt64("term") ?? 0
        );
    }

    public PresenceHead WithChange() => this with { Changes = checked(Changes + 1) };

    public PresenceHead WithSent(long sent) => this with { Sent = Math.Max(Sent, sent) };

    public PresenceHead HeldBy(string owner) => this with { Owner = owner, Term = checked(Term + 1) };

    public PresenceHead Released() => this with { Owner = string.Empty };

    public TableAction ToAction(ETag? ifMatch)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            [PresenceFormat.Property] = PresenceFormat.Version,
            ["changes"] = Changes,
            ["sent"] = Sent,
            ["owner"] = Owner,
            ["term"] = Term,
        }.ToFrozenDictionary(StringComparer.Ordinal);
        return ifMatch is { } tag
            ? new TableAction.Replace(RowKey, properties, tag)
            : new TableAction.Insert(RowKey, properties);
    }
}
