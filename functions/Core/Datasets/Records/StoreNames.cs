using System.Collections.Frozen;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// Names of stores. The wire protocol uses <c>tasks</c> in change sets and <c>tasksData</c> in datasets
/// (docs/protocol-facts.md#change-sets and #datasets); this code uses the former throughout.
/// </summary>
internal static class StoreNames
{
    public const string Tasks = "tasks";

    /// <summary>The name of tasks in Scheduler Pro.</summary>
    public const string Events = "events";
    public const string Resources = "resources";
    public const string Dependencies = "dependencies";
    public const string Assignments = "assignments";
    public const string Calendars = "calendars";
    public const string Versions = "versions";

    /// <summary>Not a store: the project's own fields.</summary>
    public const string Project = "project";

    /// <summary>Not a store either: the name for intervals of calendars in id assignment.</summary>
    public const string Intervals = "intervals";

    private const string RootSuffix = "Data";

    /// <summary>
    /// The stores that every dataset contains, even if empty, in the order of docs/protocol-facts.md#datasets.
    /// </summary>
    public static readonly IReadOnlyList<string> AlwaysShown =
    [
        Tasks,
        Resources,
        Dependencies,
        Assignments,
        Calendars,
        "timeRanges",
        Versions,
        "changelogs",
    ];

    private static readonly FrozenSet<string> Trees = FrozenSet.Create(
        StringComparer.Ordinal,
        Tasks,
        Events,
        Resources,
        Calendars
    );

    /// <summary>Whether the store's records form a tree by <c>parentId</c>.</summary>
    public static bool IsTree(string store) => Trees.Contains(store);

    /// <summary>Whether a field is stored apart from its record and sent only on request.</summary>
    public static bool IsStoredApart(string store, ReadOnlySpan<byte> field) =>
        field.SequenceEqual(FieldNames.Content) && string.Equals(store, Versions, StringComparison.Ordinal);

    /// <summary>Whether a text is a valid store name.</summary>
    public static bool IsUsable(string store) =>
        store.Length <= DatasetLimits.StoreNameLengthMax
        && JsonId.IsUsable(store)
        // A client that uses the name as a key of a plain object would read, or change, a property of all objects.
        && !RecordIds.IsReserved(store)
        && !string.Equals(store, "prototype", StringComparison.Ordinal);

    /// <summary>The key of a store in a dataset.</summary>
    public static string ToRootKey(string store) => store + RootSuffix;

    /// <summary>The store of a dataset's key; both <c>tasks</c> and <c>tasksData</c> are in use.</summary>
    public static string FromRootKey(string key) =>
        key.Length > RootSuffix.Length && key.EndsWith(RootSuffix, StringComparison.Ordinal)
            ? key[..^RootSuffix.Length]
            : key;
}
