using System.Globalization;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>All row keys of a project's partition in one place (docs/architecture.md#rows-of-a-project).</summary>
internal static class RowKeys
{
    public const string Head = "head";
    public const string Access = "acl";

    /// <summary>The project's name.</summary>
    public const string Name = "name";

    /// <summary>The client that last got the permission to autosave, and when.</summary>
    public const string Autosave = "autosave";

    /// <summary>19 digits hold every positive 64-bit number, so ordinal order is numeric order.</summary>
    public static string Commit(long first) => string.Create(CultureInfo.InvariantCulture, $"c-{first:D19}");

    /// <summary>Commits whose first revision is in (after, upTo].</summary>
    public static RowRange Commits(long after, long upTo) => new(Commit(after + 1), Commit(upTo + 1));

    /// <summary>
    /// Commits whose first revision is above a number, and the head behind them: no other key lies between.
    /// </summary>
    public static RowRange CommitsAndHead(long after) => new(Commit(after + 1), Head + ".");

    public static string Snapshot(long revision, string writer) =>
        string.Create(CultureInfo.InvariantCulture, $"s-{revision:D19}-{writer}");

    /// <summary>All snapshots below a key.</summary>
    public static RowRange SnapshotsBefore(string key) => new("s-", key);

    /// <summary>
    /// The state at which the log begins after earlier commits were removed; readers start from it instead of the base.
    /// </summary>
    public static string Anchor(long revision, string writer) =>
        string.Create(CultureInfo.InvariantCulture, $"a-{revision:D19}-{writer}");

    /// <summary>All anchors below a key.</summary>
    public static RowRange AnchorsBefore(string key) => new("a-", key);

    /// <summary>The revision in the key of a snapshot or an anchor.</summary>
    public static long RevisionOf(string key) => long.Parse(key.AsSpan(2, 19), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The dataset to which a restore returns.</summary>
    public static string Restored(string writer) => $"r-{writer}";

    public static RowRange AllRestored { get; } = RowRange.Prefix("r-");

    public static string VersionContent(JsonId version, string writer) => $"v-{version.ToKey()}-{writer}";

    /// <summary>Exists while a writer creates the project. Without it, the writer can no longer do so.</summary>
    public static string Creating(string writer) => $"w-{writer}";

    public static RowRange AllVersionContents { get; } = RowRange.Prefix("v-");

    /// <summary>Whether a row is part of a version's content that a writer stored; writers have random names.</summary>
    public static bool IsVersionContentOf(string key, string writer) =>
        key.EndsWith($"-{writer}", StringComparison.Ordinal) || key.Contains($"-{writer}-", StringComparison.Ordinal);

    /// <summary>Every row of a project: keys begin with a letter.</summary>
    public static RowRange All { get; } = new("0", "~");

    public static string Base(string writer) => $"b-{writer}";

    /// <summary>Ten digits order the rows of one engine by when it wrote them.</summary>
    public static string Inbox(string engine, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{InboxOf(engine)}{number:D10}");

    public static string InboxOf(string engine) => $"i-{engine}-";

    public static RowRange AllInbox { get; } = RowRange.Prefix("i-");

    /// <summary>Inbox rows after a key. No key is a prefix of another, as all numbers have ten digits.</summary>
    public static RowRange InboxAfter(string key) => AllInbox with { From = key + "-" };

    /// <summary>The first row of a payload has the key itself; further rows follow in order.</summary>
    public static string Chunk(string key, int index) =>
        index == 0 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}-{index:D4}");

    /// <summary>All rows of a payload: the key, and the key with a chunk number.</summary>
    public static RowRange Chunks(string key) => new(key, key + ".");
}
