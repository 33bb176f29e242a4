using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// Assigns ids to the new records of one revision: to all of them before any link is resolved
/// (docs/protocol-facts.md#ids-of-new-records).
/// </summary>
internal sealed class IdAssignment
{
    private const string GeneratedPrefix = "_generated";

    private readonly Content content;
    private readonly IdRegistry memory;
    private readonly string revision;
    private readonly Dictionary<StoreKey, JsonId> assigned = [];

    // The records that this revision adds, under the id that was stated first.
    private readonly Dictionary<StoreKey, JsonId> newcomers = new(StoreKey.ByForm);
    private readonly HashSet<string> stores = new(StringComparer.Ordinal);
    private readonly HashSet<JsonId> usedIds = [];
    private readonly Dictionary<string, int> idsPerStore = new(StringComparer.Ordinal);

    /// <summary>Assigns the ids of a whole change set.</summary>
    public IdAssignment(Content content, IdRegistry memory, IReadOnlyList<StoreChanges> changes, long revision)
    {
        this.content = content;
        this.memory = memory;
        this.revision = revision.ToString(CultureInfo.InvariantCulture);
        foreach (var store in changes)
        {
            foreach (var record in NewRecordsOf(store))
            {
                if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
                {
                    usedIds.Add(stated);
                }
            }
        }

        foreach (var store in changes)
        {
            foreach (var record in NewRecordsOf(store))
            {
                Assign(store.Store, record);
                AssignIntervals(store.Store, record);
                IsByForm |= StatesTwin(store.Store, record);
            }

            foreach (var record in store.Results.Updated.Concat(store.Input.Updated))
            {
                AssignIntervals(store.Store, record);
            }
        }

        // Only now are all newcomers known.
        foreach (var store in changes)
        {
            var named = new[] { store.Results.Updated, store.Results.Removed, store.Input.Updated, store.Input.Removed };
            IsByForm |= named.SelectMany(static records => records).Any(record => StatesTwin(store.Store, record));
        }
    }

    /// <summary>
    /// Whether an id in the change set names a record whose id is, or will be, of the other JSON type. Folded by
    /// <see cref="IdentityRule.ByType"/>, the change set would mean something else.
    /// </summary>
    public bool IsByForm { get; private set; }

    /// <summary>The real id of a record in <c>added</c>; empty when it has none.</summary>
    public JsonId IdOf(string store, JsonElement record)
    {
        if (ChangePart.TryReadId(record, FieldNames.PhantomId, out var phantom))
        {
            return assigned.GetValueOrDefault(new StoreKey(store, phantom));
        }

        return ChangePart.TryReadId(record, FieldNames.Id, out var stated) ? Locate(store, stated) : default;
    }

    /// <summary>The id of the record that an id in <c>added</c>, <c>updated</c> or <c>removed</c> names, whatever its JSON type.</summary>
    public JsonId Locate(string store, JsonId stated)
    {
        var id = Resolve(store, stated);
        return newcomers.TryGetValue(new StoreKey(store, id), out var newcomer)
            ? newcomer
            : content.Find(store)?.Locate(id, IdentityRule.ByForm) ?? id;
    }

    /// <summary>The real id behind a link in a record of a store; the id itself when it is a real one.</summary>
    public JsonId Resolve(string store, JsonId link) => TryReplace(store, link, isLink: true, out var id) ? id : link;

    /// <summary>
    /// Whether a value is a phantom id with a real one. Those of earlier revisions are replaced in every field
    /// when they have the clients' form <c>_generated…</c>, and otherwise in link fields only: a generated id may be
    /// any text, and must not alter what another author writes later.
    /// </summary>
    public bool TryReplace(string store, JsonId value, bool isLink, out JsonId id)
    {
        id = default;
        if (value.IsNumber)
        {
            return false;
        }

        if (isLink && assigned.TryGetValue(new StoreKey(store, value), out id))
        {
            return id != value;
        }

        var isCandidate =
            TryFindInBatch(value, out id)
            || (
                (isLink || value.Text.StartsWith(GeneratedPrefix, StringComparison.Ordinal))
                && memory.TryFindPhantom(store, value, out id)
            );
        // A record with this real id takes precedence.
        return isCandidate && id != value && !content.Contains(value);
    }

    private static IEnumerable<JsonElement> NewRecordsOf(StoreChanges store) =>
        store.Results.Added.Concat(store.Input.Added);

    private bool TryFindInBatch(JsonId value, out JsonId id)
    {
        id = default;
        var isFound = false;
        foreach (var store in stores)
        {
            if (assigned.TryGetValue(new StoreKey(store, value), out var found))
            {
                // A record that keeps its id takes precedence: it is an earlier record that comes back.
                id = !isFound || found == value ? found : id;
                isFound = true;
            }
        }

        return isFound;
    }

    // Intervals are a nested change set in the record of their calendar.
    private void AssignIntervals(string store, JsonElement record)
    {
        if (
            string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
            && record.TryGetProperty(FieldNames.Intervals, out var intervals)
        )
        {
            foreach (var interval in ChangePart.Of(intervals).Added)
            {
                Assign(StoreNames.Intervals, interval);
            }
        }
    }

    // Whether a record is published under the id that it states but stored under that id's twin.
    private bool StatesTwin(string store, JsonElement record)
    {
        if (HasTwinInterval(store, record))
        {
            return true;
        }

        if (!ChangePart.TryReadId(record, FieldNames.Id, out var stated))
        {
            return false;
        }

        var id = record.TryGetProperty(FieldNames.PhantomId, out _) ? IdOf(store, record) : Locate(store, stated);
        return id.HasSameFormAs(stated) && id != Resolve(store, stated);
    }

    private bool HasTwinInterval(string store, JsonElement record) =>
        string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
        && record.TryGetProperty(FieldNames.Intervals, out var intervals)
        && intervals.ValueKind == JsonValueKind.Object
        && ChangePart.TryReadId(record, FieldNames.Id, out var calendar)
        && content.Find(store)?.FindByForm(Resolve(store, calendar))?.TextOf(FieldNames.Intervals) is { } old
        && IntervalIds.CrossTypes(old, intervals);

    private void Assign(string store, JsonElement record)
    {
        if (!ChangePart.TryReadId(record, FieldNames.PhantomId, out var phantom))
        {
            if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                AddNewcomer(store, Locate(store, stated));
            }

            return;
        }

        var key = new StoreKey(store, phantom);
        if (assigned.ContainsKey(key))
        {
            return;
        }

        stores.Add(store);
        var id = assigned.TryGetValue(key with { Id = phantom.Twin }, out var twin) ? twin : KnownIdOf(key) ?? NewId(store);
        assigned.Add(key, AddNewcomer(store, id));
    }

    /// <summary>
    /// Registers the id of a newcomer. Returns the earlier id when a newcomer of the same form is registered already.
    /// </summary>
    private JsonId AddNewcomer(string store, JsonId id)
    {
        var key = new StoreKey(store, id);
        return newcomers.TryAdd(key, id) ? id : newcomers[key];
    }

    // Only real ids are numbers (docs/protocol-facts.md#records-and-phantoms), so an unknown number is a real id that
    // has been forgotten here. Links to it are numbers too, which are never rewritten.
    private JsonId? KnownIdOf(StoreKey phantom)
    {
        if (content.Find(phantom.Store)?.FindByForm(phantom.Id) is { } record)
        {
            return record.Id;
        }

        if (!phantom.Id.IsNumber && memory.Phantoms.TryGet(phantom, out var known))
        {
            return known;
        }

        if (memory.Removed.Contains(phantom))
        {
            return phantom.Id;
        }

        var twin = phantom.Id.Twin;
        return memory.Removed.Contains(phantom with { Id = twin }) ? twin
            : phantom.Id.IsNumber ? phantom.Id
            : null;
    }

    private JsonId NewId(string store)
    {
        while (true)
        {
            var given = idsPerStore[store] = idsPerStore.GetValueOrDefault(store) + 1;
            var id = JsonId.Of(
                given == 1
                    ? $"{store}-{revision}"
                    : $"{store}-{revision}-{given.ToString(CultureInfo.InvariantCulture)}"
            );
            if (!content.Contains(id) && !WasRemoved(store, id) && usedIds.Add(id))
            {
                return id;
            }
        }
    }

    private bool WasRemoved(string store, JsonId id)
    {
        if (memory.Removed.Contains(new StoreKey(store, id)))
        {
            return true;
        }

        foreach (var other in content.Stores)
        {
            if (memory.Removed.Contains(new StoreKey(other.Name, id)))
            {
                return true;
            }
        }

        return false;
    }
}
