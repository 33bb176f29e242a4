using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Gives the new records of one revision their ids, all of them before any link is looked at (bryntum-protocol.md 3.2).
/// </summary>
internal sealed class IdAssignment
{
    private const string GeneratedPrefix = "_generated";

    private readonly Content _content;
    private readonly IdMemory _memory;
    private readonly string _revision;
    private readonly Dictionary<StoreKey, JsonId> _assigned = [];
    private readonly HashSet<string> _stores = new(StringComparer.Ordinal);
    private readonly HashSet<JsonId> _used = [];
    private readonly Dictionary<string, int> _given = new(StringComparer.Ordinal);

    /// <summary>Assigns the ids of a whole change set.</summary>
    public IdAssignment(Content content, IdMemory memory, IReadOnlyList<StoreChanges> changes, long revision)
    {
        _content = content;
        _memory = memory;
        _revision = revision.ToString(CultureInfo.InvariantCulture);
        foreach (var record in changes.SelectMany(NewRecordsOf))
        {
            if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                _used.Add(stated);
            }
        }

        foreach (var store in changes)
        {
            foreach (var record in NewRecordsOf(store))
            {
                Assign(store.Store, record);
                AssignIntervals(store.Store, record);
            }

            foreach (var record in store.Results.Updated.Concat(store.Input.Updated))
            {
                AssignIntervals(store.Store, record);
            }
        }
    }

    /// <summary>The real id of a record in <c>added</c>; empty when it has none.</summary>
    public JsonId IdOf(string store, JsonElement record)
    {
        if (ChangePart.TryReadId(record, FieldNames.PhantomId, out var phantom))
        {
            return _assigned.GetValueOrDefault(new StoreKey(store, phantom));
        }

        return ChangePart.TryReadId(record, FieldNames.Id, out var stated) ? Resolve(store, stated) : default;
    }

    /// <summary>The real id behind a link in a record of a store; the id itself when it is a real one.</summary>
    public JsonId Resolve(string store, JsonId link) => TryReplace(store, link, isLink: true, out var id) ? id : link;

    /// <summary>
    /// Whether a value is a client-made id that a real one stands for. Made ones of earlier revisions are replaced in
    /// every field if they have the clients' form <c>_generated…</c>, and in link fields otherwise: a made id may be any
    /// text, and must not change what another author writes later.
    /// </summary>
    public bool TryReplace(string store, JsonId value, bool isLink, out JsonId id)
    {
        id = default;
        if (value.IsNumber)
        {
            return false;
        }

        if (isLink && _assigned.TryGetValue(new StoreKey(store, value), out id))
        {
            return id != value;
        }

        var isCandidate =
            TryFindInBatch(value, out id)
            || (
                (isLink || value.Text.StartsWith(GeneratedPrefix, StringComparison.Ordinal))
                && _memory.TryFindPhantom(store, value, out id)
            );
        // A record that has the text as its real id is what the text means.
        return isCandidate && id != value && !_content.Contains(value);
    }

    private static IEnumerable<JsonElement> NewRecordsOf(StoreChanges store) =>
        store.Results.Added.Concat(store.Input.Added);

    private bool TryFindInBatch(JsonId value, out JsonId id)
    {
        id = default;
        var isFound = false;
        foreach (var store in _stores)
        {
            if (_assigned.TryGetValue(new StoreKey(store, value), out var found))
            {
                // One that keeps its id wins: the text is then the id of a record that comes back.
                id = !isFound || found == value ? found : id;
                isFound = true;
            }
        }

        return isFound;
    }

    // They are a nested change set in the record of their calendar.
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

    private void Assign(string store, JsonElement record)
    {
        if (!ChangePart.TryReadId(record, FieldNames.PhantomId, out var phantom))
        {
            return;
        }

        var key = new StoreKey(store, phantom);
        if (_assigned.ContainsKey(key))
        {
            return;
        }

        _stores.Add(store);
        _assigned.Add(key, KnownIdOf(key) ?? NewId(store));
    }

    // Only real ids are numbers (bryntum-protocol.md 3.1), so an unknown number is one that has been forgotten here;
    // links to it are numbers, which are never rewritten.
    private JsonId? KnownIdOf(StoreKey phantom)
    {
        if (_content.Find(phantom.Store, phantom.Id) is not null || phantom.Id.IsNumber)
        {
            return phantom.Id;
        }

        if (_memory.Phantoms.TryGet(phantom, out var known))
        {
            return known;
        }

        return _memory.Removed.Contains(phantom) ? phantom.Id : null;
    }

    private JsonId NewId(string store)
    {
        while (true)
        {
            var given = _given[store] = _given.GetValueOrDefault(store) + 1;
            var id = JsonId.Of(
                given == 1
                    ? $"{store}-{_revision}"
                    : $"{store}-{_revision}-{given.ToString(CultureInfo.InvariantCulture)}"
            );
            if (!_content.Contains(id) && !WasRemoved(store, id) && _used.Add(id))
            {
                return id;
            }
        }
    }

    private bool WasRemoved(string store, JsonId id)
    {
        if (_memory.Removed.Contains(new StoreKey(store, id)))
        {
            return true;
        }

        foreach (var other in _content.Stores)
        {
            if (_memory.Removed.Contains(new StoreKey(other.Name, id)))
            {
                return true;
            }
        }

        return false;
    }
}
