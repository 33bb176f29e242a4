using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Log;

/// <summary>The effect of a log entry on the project's state.</summary>
public enum EntryKind
{
    /// <summary>Applies an author's change set.</summary>
    Change = 0,

    /// <summary>Returns everything to the base dataset.</summary>
    Reset = 1,

    /// <summary>Returns everything to an earlier revision.</summary>
    Restore = 2,
}

/// <summary>The author and the event of a submission, by which a redelivery is recognised.</summary>
/// <param name="User">The author's name.</param>
/// <param name="Connection">The author's connection.</param>
/// <param name="EventId">The <c>ce-id</c> of the event on that connection.</param>
public sealed record Origin(string User, ConnectionId Connection, long EventId);

/// <summary>One revision of a project as it is stored and published.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="Kind">Its effect.</param>
/// <param name="Origin">Its author and event.</param>
/// <param name="LocalRevision">
/// The author's id of the revision, as JSON text; the text <c>null</c> for entries without one.
/// </param>
/// <param name="Client">The client id in its message, as JSON text; null when there was none.</param>
/// <param name="Session">The page session of this product's own client; null for other clients.</param>
/// <param name="ConflictResolutionFor">As the author sent it, as JSON text; null when absent.</param>
/// <param name="Changes">The decided change set (UTF-8 JSON object); <c>{}</c> for a reset and a restore.</param>
/// <param name="Cut">Whether impossible parts were removed.</param>
public sealed record LogEntry(
    long Revision,
    EntryKind Kind,
    Origin Origin,
    string LocalRevision,
    string? Client,
    string? Session,
    string? ConflictResolutionFor,
    ReadOnlyMemory<byte> Changes,
    bool Cut
)
{
    /// <summary>The stored contents of the versions that it saves.</summary>
    public IReadOnlyList<StoredContent> Contents { get; init; } = [];

    /// <summary>The dataset to which a restore returns; null for other kinds.</summary>
    public RestoredDataset? Restored { get; init; }

    /// <summary>The rule under which it was decided, and by which it is always folded.</summary>
    public IdentityRule Rule { get; init; }

    /// <summary>
    /// Whether code that knows only <see cref="IdentityRule.ByType"/> would fold it differently and must not read it.
    /// Used on writing; not stored.
    /// </summary>
    public bool NeedsRule { get; init; }

    /// <summary>
    /// Whether it replaces the whole dataset, so that subscribers receive a dataset instead of a change.
    /// </summary>
    public bool ReplacesAll => Kind is EntryKind.Reset or EntryKind.Restore;
}

/// <summary>
/// The dataset to which a restore returns. It is stored separately, so that the log stays complete when the entries up
/// to the restored revision are removed.
/// </summary>
/// <param name="Revision">The revision of the dataset; 0 is the base.</param>
/// <param name="Key">The key of its rows.</param>
public sealed record RestoredDataset(long Revision, string Key);

/// <summary>The stored content of a version.</summary>
/// <param name="Version">The id of the version's record.</param>
/// <param name="Key">The key of its rows.</param>
public sealed record StoredContent(JsonId Version, string Key);

/// <summary>The entries that one transaction accepted. Never empty; the revisions are consecutive.</summary>
/// <param name="Id">A unique name, by which a commit is recognised after its response was lost.</param>
/// <param name="Time">When it was made, by its engine's clock.</param>
/// <param name="Entries">The entries in order.</param>
public sealed record Commit(string Id, DateTimeOffset Time, IReadOnlyList<LogEntry> Entries)
{
    /// <summary>The number of the first entry.</summary>
    public long First => Entries[0].Revision;

    /// <summary>The number of the last entry.</summary>
    public long Last => Entries[^1].Revision;

    /// <summary>
    /// Keys of inbox rows that this commit drained and that now hold an answer, because some of their submissions were
    /// not accepted.
    /// </summary>
    public IReadOnlyList<string> Answered { get; init; } = [];
}
