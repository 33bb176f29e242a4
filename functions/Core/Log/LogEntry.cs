using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Log;

/// <summary>What a log entry does to the state of its project.</summary>
public enum EntryKind
{
    /// <summary>A change set of an author.</summary>
    Change = 0,

    /// <summary>Everything back to the base dataset.</summary>
    Reset = 1,

    /// <summary>Everything back to what it was at an earlier revision.</summary>
    Restore = 2,
}

/// <summary>Who submitted something, and with which event: what makes a redelivery recognisable.</summary>
/// <param name="User">The name of the author.</param>
/// <param name="Connection">The author's connection.</param>
/// <param name="EventId">The <c>ce-id</c> of the event on that connection.</param>
public sealed record Origin(string User, ConnectionId Connection, long EventId);

/// <summary>One revision of a project as it is stored and published.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Origin">Who submitted it.</param>
/// <param name="LocalRevision">The author's own id of it, as JSON text; <c>null</c> as text for entries without one.</param>
/// <param name="Client">The client id that its message stated, as JSON text; null when it stated none.</param>
/// <param name="Session">The page session of our own client; null for others.</param>
/// <param name="ConflictResolutionFor">As it came, as JSON text; null when absent.</param>
/// <param name="Changes">The decided change set (UTF-8 JSON object); <c>{}</c> for a reset and a restore.</param>
/// <param name="Cut">Whether impossible parts were taken out.</param>
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
    /// <summary>Where the contents of the versions that it saves are stored.</summary>
    public IReadOnlyList<StoredContent> Contents { get; init; } = [];

    /// <summary>What a restore goes back to; null for everything else.</summary>
    public RestoredDataset? Restored { get; init; }

    /// <summary>When two ids name one record: the rule that it was decided under, and is folded by for ever.</summary>
    public IdentityRule Rule { get; init; }

    /// <summary>
    /// Whether code that knows only <see cref="IdentityRule.ByType"/> would fold it to something else, and so must not read it. Told when it
    /// is written; not kept.
    /// </summary>
    public bool NeedsRule { get; init; }

    /// <summary>Whether it puts another dataset in the place of everything, so that subscribers are sent that one.</summary>
    public bool ReplacesAll => Kind is EntryKind.Reset or EntryKind.Restore;
}

/// <summary>
/// The dataset that a restore goes back to. It is stored apart, so that what a restore does follows from the log also when the entries
/// before the restored revision are removed.
/// </summary>
/// <param name="Revision">The revision at which the project was so; 0 is the base.</param>
/// <param name="Key">The key of its rows.</param>
public sealed record RestoredDataset(long Revision, string Key);

/// <summary>Where the content of a version is stored.</summary>
/// <param name="Version">The id of the version's record.</param>
/// <param name="Key">The key of its rows.</param>
public sealed record StoredContent(JsonId Version, string Key);

/// <summary>All entries that one transaction accepted together. Never empty; numbers follow one another without a hole.</summary>
/// <param name="Id">A name that no other commit has: how a commit whose answer was lost is recognised.</param>
/// <param name="Time">When, by the clock of the process that made it.</param>
/// <param name="Entries">The entries in order.</param>
public sealed record Commit(string Id, DateTimeOffset Time, IReadOnlyList<LogEntry> Entries)
{
    /// <summary>The number of the first entry.</summary>
    public long First => Entries[0].Revision;

    /// <summary>The number of the last entry.</summary>
    public long Last => Entries[^1].Revision;

    /// <summary>
    /// Keys of inbox rows that this commit drained and that hold an answer now, because not everything in them was accepted.
    /// </summary>
    public IReadOnlyList<string> Answered { get; init; } = [];
}
