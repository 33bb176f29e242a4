using System.Collections.Frozen;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// The stores' names. The wire says <c>tasks</c> in change sets and <c>tasksData</c> in datasets
/// (docs/protocol-facts.md#change-sets and #datasets); here the former is used throughout.
/// </summary>
internal static class StoreNames
{
    public const string Tasks = "tasks";

    /// <summary>What Scheduler Pro calls its tasks.</summary>
    public const string Events = "events";
    public const string Resources = "resources";
    public const string Dependencies = "dependencies";
    public const string Assignments = "assignments";
    public const string Calendars = "calendars";
    public const string Versions = "versions";

    /// <summary>Not a store: the project's own fields.</summary>
    public const string Project = "project";

    /// <summary>Not a store either: what the intervals of a calendar are called when they get ids.</summary>
    public const string Intervals = "intervals";

    private const string RootSuffix = "Data";

    /// <summary>The stores that every dataset shows, in the order of section 2.4; empty ones included.</summary>
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

    /// <summary>Whether a field is stored apart from its record and goes only to who asks for it.</summary>
    public static bool IsKeptBack(string store, ReadOnlySpan<byte> field) =>
        field.SequenceEqual(FieldNames.Content) && string.Equals(store, Versions, StringComparison.Ordinal);

    /// <summary>Whether a text may name a store.</summary>
    public static bool IsUsable(string store) =>
        store.Length <= DatasetLimits.StoreNameLengthMax
        && JsonId.IsUsable(store)
        // A client that uses the name as a key of a plain object would find, or change, what all objects have.
        && !RecordIds.IsReserved(store)
        && !string.Equals(store, "prototype", StringComparison.Ordinal);

    /// <summary>The key of a store in a dataset.</summary>
    public static string ToRootKey(string store) => store + RootSuffix;

    /// <summary>The store that a key of a dataset means; both <c>tasks</c> and <c>tasksData</c> are in use.</summary>
    public static string FromRootKey(string key) =>
        key.Length > RootSuffix.Length && key.EndsWith(RootSuffix, StringComparison.Ordinal)
            ? key[..^RootSuffix.Length]
            : key;
}
