using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// The head row of a project. Its ETag fences every write: a writer has folded every commit up to
/// <see cref="Revision"/>.
/// </summary>
/// <param name="Revision">The last accepted revision; 0 at the start.</param>
/// <param name="Published">The last revision that is known to have been sent to the group.</param>
/// <param name="Generation">The generation of the project's group.</param>
/// <param name="OldestGeneration">
/// The oldest generation whose group may still have members; equals <paramref name="Generation"/> when no older one
/// has.
/// </param>
/// <param name="LeaseOwner">The engine that may send; empty when the lease is free.</param>
/// <param name="LeaseTerm">
/// Increases whenever the lease is taken or renewed. A lease whose term stays unchanged for the lease time has lost its
/// holder.
/// </param>
/// <param name="LeaseWanted">The engine that gets the lease at its next release; empty when none waits.</param>
/// <param name="BaseKey">The key of the base dataset's rows.</param>
/// <param name="SnapshotKey">The key of the newest snapshot's rows; empty when there is none.</param>
/// <param name="AccessVersion">Increases with every change of the access list.</param>
/// <param name="AccessEnforcedVersion">
/// The access version up to which the users who lost access are known to be out of the group.
/// </param>
public sealed record Head(
    long Revision,
    long Published,
    long Generation,
    long OldestGeneration,
    string LeaseOwner,
    long LeaseTerm,
    string LeaseWanted,
    string BaseKey,
    string SnapshotKey,
    long AccessVersion,
    long AccessEnforcedVersion
)
{
    /// <summary>
    /// Whether the project was deleted. Its head stays, so that its id and its numbers are never used again.
    /// </summary>
    public bool IsDeleted { get; init; }

    /// <summary>Whether all other rows of a deleted project have been removed.</summary>
    public bool IsPurged { get; init; }

    /// <summary>
    /// The key of the anchor's rows: the state at which the log begins after older commits were removed; empty while no
    /// commit was.
    /// </summary>
    public string AnchorKey { get; init; } = string.Empty;

    /// <summary>
    /// When the dataset of the last reset or restore was known to have been sent. Clients that do not state their
    /// dataset's revision get time from then on to receive it.
    /// </summary>
    public DateTimeOffset ReplacedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The first revision that is in the log.</summary>
    public long LogStart => AnchorKey.Length > 0 ? RowKeys.RevisionOf(AnchorKey) + 1 : 1;

    /// <summary>
    /// The format of heads with an anchor. Newer formats are refused, so that old code never misreads a log.
    /// </summary>
    public const long Format = 2;

    /// <summary>The format that older code can read and write without losing data.</summary>
    private const long FormatWithoutAnchor = 1;

    /// <summary>The head of a new project.</summary>
    public static Head New(string baseKey) =>
        new(
            Revision: 0,
            Published: 0,
            Generation: 1,
            OldestGeneration: 1,
            LeaseOwner: string.Empty,
            LeaseTerm: 0,
            LeaseWanted: string.Empty,
            baseKey,
            SnapshotKey: string.Empty,
            AccessVersion: 1,
            AccessEnforcedVersion: 1
        );

    /// <summary>The head of the deleted project. Writes that rely on an older head fail.</summary>
    internal Head Deleted() => this with { AccessVersion = AccessVersion + 1, IsDeleted = true };

    /// <summary>
    /// The permanent head of a purged project. It keeps the numbers, so that none is reused, names no rows, and counts
    /// as published, since no subscriber is left.
    /// </summary>
    internal Head Tombstone() =>
        this with
        {
            Published = Revision,
            OldestGeneration = Generation,
            LeaseOwner = string.Empty,
            LeaseTerm = LeaseTerm + 1,
            LeaseWanted = string.Empty,
            BaseKey = string.Empty,
            SnapshotKey = string.Empty,
            AnchorKey = string.Empty,
            AccessEnforcedVersion = AccessVersion,
            IsPurged = true,
        };

    /// <summary>Whether no engine holds the lease.</summary>
    public bool LeaseIsFree => LeaseOwner.Length == 0;

    /// <summary>Whether an engine holds the lease.</summary>
    public bool IsHeldBy(string engine) => string.Equals(LeaseOwner, engine, StringComparison.Ordinal);

    /// <summary>The head with the lease taken by an engine.</summary>
    public Head TakenBy(string engine) =>
        this with
        {
            LeaseOwner = engine,
            LeaseTerm = LeaseTerm + 1,
            LeaseWanted = string.Equals(LeaseWanted, engine, StringComparison.Ordinal) ? string.Empty : LeaseWanted,
        };

    /// <summary>The head with the lease handed to the waiting engine, or free.</summary>
    public Head Released() =>
        this with
        {
            LeaseOwner = LeaseWanted,
            LeaseTerm = LeaseTerm + 1,
            LeaseWanted = string.Empty,
        };

    /// <summary>The newest stored state at or below a revision that is still in the log.</summary>
    internal string StateKey(long upTo = long.MaxValue)
    {
        var anchor = AnchorKey.Length > 0 ? RowKeys.RevisionOf(AnchorKey) : 0;
        var snapshot = SnapshotKey.Length > 0 ? RowKeys.RevisionOf(SnapshotKey) : 0;
        return snapshot > anchor && snapshot <= upTo ? SnapshotKey
            : anchor > 0 ? AnchorKey
            : BaseKey;
    }

    internal IReadOnlyDictionary<string, TableValue> ToProperties() =>
        new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = AnchorKey.Length > 0 ? Format : FormatWithoutAnchor,
            ["revision"] = Revision,
            ["published"] = Published,
            ["generation"] = Generation,
            ["oldestGeneration"] = OldestGeneration,
            ["leaseOwner"] = LeaseOwner,
            ["leaseTerm"] = LeaseTerm,
            ["leaseWanted"] = LeaseWanted,
            ["baseKey"] = BaseKey,
            ["snapshotKey"] = SnapshotKey,
            ["accessVersion"] = AccessVersion,
            ["accessSettled"] = AccessEnforcedVersion,
            ["deleted"] = IsDeleted ? 1 : 0,
            ["purged"] = IsPurged ? 1 : 0,
            ["anchorKey"] = AnchorKey,
            ["replacedAt"] = ReplacedAt.ToUnixTimeMilliseconds(),
        };

    internal static Head FromRow(TableRow row)
    {
        StoredFormat.Check(row, Format);
        return new Head(
            Number(row, "revision"),
            Number(row, "published"),
            Number(row, "generation"),
            Number(row, "oldestGeneration"),
            Text(row, "leaseOwner"),
            Number(row, "leaseTerm"),
            Text(row, "leaseWanted"),
            Text(row, "baseKey"),
            Text(row, "snapshotKey"),
            Number(row, "accessVersion"),
            row.GetInt64("accessSettled") ?? Number(row, "accessVersion")
        )
        {
            IsDeleted = row.GetInt64("deleted") is > 0,
            IsPurged = row.GetInt64("purged") is > 0,
            AnchorKey = row.GetString("anchorKey") ?? string.Empty,
            ReplacedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("replacedAt") ?? 0),
        };
    }

    private static long Number(TableRow row, string name) =>
        row.GetInt64(name) ?? throw new InvalidDataException($"The head of project '{row.PartitionKey}' has no '{name}'.");

    private static string Text(TableRow row, string name) =>
        row.GetString(name) ?? throw new InvalidDataException($"The head of project '{row.PartitionKey}' has no '{name}'.");
}

/// <summary>A head as stored.</summary>
public sealed record StoredHead(Head Value, ETag ETag);
