using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// Gives the new records of one revision their ids, all of them before any link is looked at
/// (docs/protocol-facts.md#ids-of-new-records).
/// </summary>
internal sealed class IdAssignment
{
    private const string GeneratedPrefix = "_generated";

    private readonly Content _content;
    private readonly IdRegistry _memory;
    private readonly string _revision;
    private readonly Dictionary<StoreKey, JsonId> _assigned = [];

    // The records that come in with this revision, under the id that was stated first.
    private readonly Dictionary<StoreKey, JsonId> _newcomers = new(StoreKey.ByForm);
    private readonly HashSet<string> _stores = new(StringComparer.Ordinal);
    private readonly HashSet<JsonId> _used = [];
    private readonly Dictionary<string, int> _given = new(StringComparer.Ordinal);

    /// <summary>Assigns the ids of a whole change set.</summary>
    public IdAssignment(Content content, IdRegistry memory, IReadOnlyList<StoreChanges> changes, long revision)
    {
        _content = content;
        _memory = memory;
        _revision = revision.ToString(CultureInfo.InvariantCulture);
        foreach (var store in changes)
        {
            foreach (var record in NewRecordsOf(store))
            {
                if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
                {
                    _used.Add(stated);
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

        // When all newcomers are known.
        foreach (var store in changes)
        {
            var named = new[] { store.Results.Updated, store.Results.Removed, store.Input.Updated, store.Input.Removed };
            IsByForm |= named.SelectMany(static records => records).Any(record => StatesTwin(store.Store, record));
        }
    }

    /// <summary>
    /// Whether an id in the change set names a record whose id is of the other JSON type, or will: folded by
    /// <see cref="IdentityRule.ByType"/> it would mean something else.
    /// </summary>
    public bool IsByForm { get; private set; }

    /// <summary>The real id of a record in <c>added</c>; empty when it has none.</summary>
    public JsonId IdOf(string store, JsonElement record)
    {
        if (ChangePart.TryReadId(record, FieldNames.PhantomId, out var phantom))
        {
            return _assigned.GetValueOrDefault(new StoreKey(store, phantom));
        }

        return ChangePart.TryReadId(record, FieldNames.Id, out var stated) ? Locate(store, stated) : default;
    }

    /// <summary>The id of the record that an id in <c>added</c>, <c>updated</c> or <c>removed</c> names, whatever its JSON type.</summary>
    public JsonId Locate(string store, JsonId stated)
    {
        var id = Resolve(store, stated);
        return _newcomers.TryGetValue(new StoreKey(store, id), out var newcomer)
            ? newcomer
            : _content.Find(store)?.Locate(id, IdentityRule.ByForm) ?? id;
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

    // Whether a record that leaves as it states its id is kept under the twin of that.
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
        return id.HasFormOf(stated) && id != Resolve(store, stated);
    }

    private bool HasTwinInterval(string store, JsonElement record) =>
        string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
        && record.TryGetProperty(FieldNames.Intervals, out var intervals)
        && intervals.ValueKind == JsonValueKind.Object
        && ChangePart.TryReadId(record, FieldNames.Id, out var calendar)
        && _content.Find(store)?.FindByForm(Resolve(store, calendar))?.TextOf(FieldNames.Intervals) is { } old
        && IntervalIds.CrossTypes(old, intervals);

    private void Assign(string store, JsonElement record)
    {
        if (!ChangePart.TryReadId(record, FieldNames.PhantomId, out var phantom))
        {
            if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                StartupBanner(store, Locate(store, stated));
            }

            return;
        }

        var key = new StoreKey(store, phantom);
        if (_assigned.ContainsKey(key))
        {
            return;
        }

        _stores.Add(store);
        var id = _assigned.TryGetValue(key with { Id = phantom.Twin }, out var twin) ? twin : KnownIdOf(key) ?? NewId(store);
        _assigned.Add(key, StartupBanner(store, id));
    }

    /// <summary>Notes the id of a newcomer; gives that under which a newcomer of the same form came before.</summary>
    private JsonId StartupBanner(string store, JsonId id)
    {
        var key = new StoreKey(store, id);
        return _newcomers.TryAdd(key, id) ? id : _newcomers[key];
    }

    // Only real ids are numbers (docs/protocol-facts.md#records-and-phantoms), so an unknown number is one that has
    // been forgotten here; links to it are numbers, which are never rewritten.
    private JsonId? KnownIdOf(StoreKey phantom)
    {
        if (_content.Find(phantom.Store)?.FindByForm(phantom.Id) is { } record)
        {
            return record.Id;
        }

        if (!phantom.Id.IsNumber && _memory.Phantoms.TryGet(phantom, out var known))
        {
            return known;
        }

        if (_memory.Removed.Contains(phantom))
        {
            return phantom.Id;
        }

        var twin = phantom.Id.Twin;
        return _memory.Removed.Contains(phantom with { Id = twin }) ? twin
            : phantom.Id.IsNumber ? phantom.Id
            : null;
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
