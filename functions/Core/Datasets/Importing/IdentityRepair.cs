using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Importing;

/// <summary>
/// Makes loadable what earlier versions stored: two records of a store whose ids have one string form, and ids that every JavaScript object
/// has a property of. Clients die of either on load (docs/protocol-facts.md#identity-of-records).
/// </summary>
/// <remarks>
/// Nothing is lost: the younger of two twins, and what has a reserved name, gets an id of its own, with its children; links that named it
/// by exactly its old id, type included, follow. Depends on nothing but the state, so that every process repairs alike.
/// </remarks>
internal sealed class IdentityRepair
{
    private readonly Content _content;
    private readonly IdRegistry _memory;
    private readonly RawJson _json = new();
    private readonly Dictionary<StoreKey, JsonId> _renamed = [];

    private IdentityRepair(Content content, IdRegistry memory)
    {
        _content = content;
        _memory = memory;
    }

    /// <summary>Whether a client could not load the content because of its ids.</summary>
    public static bool IsNeeded(Content content) =>
        content.Stores.Any(static store => store.Records.Any(record => IsFaulty(store, record)));

    /// <summary>A loadable copy, and what is different in it.</summary>
    public static (Content Content, IReadOnlyList<RenamedRecord> Renamed) Run(Content content, IdRegistry memory)
    {
        var repair = new IdentityRepair(content.Clone(), memory);
        foreach (var store in repair._content.Stores)
        {
            repair.RenameIn(store);
        }

        repair.FollowLinks();
        return (
            repair._content,
            [.. repair._renamed.Select(static pair => new RenamedRecord(pair.Key.Store, pair.Key.Id, pair.Value))]
        );
    }

    private static bool IsFaulty(RecordStore store, DataRecord record) =>
        RecordIds.IsReserved(record.Id.Text)
        || (record.Id.IsNumber && store.Contains(record.Id.Twin));

    private void RenameIn(RecordStore store)
    {
        var number = 0;
        foreach (var record in store.ByAge())
        {
            var isYoungerTwin = store.Find(record.Id.Twin) is { } twin && twin.Sequence < record.Sequence;
            if (isYoungerTwin || RecordIds.IsReserved(record.Id.Text))
            {
                Rename(store, record, NewId(store, ref number));
            }
        }
    }

    private void Rename(RecordStore store, DataRecord found, JsonId id)
    {
        // Its parent may have been renamed since the list was made.
        var record = store.Find(found.Id)!;
        var children = store.ChildrenOf(record.Id);
        _renamed.Add(new StoreKey(store.Name, record.Id), id);
        store.Set(record.Id, record: null);
        store.Set(id, record with { Id = id });
        foreach (var child in children)
        {
            store.Set(child.Id, child with { Parent = id });
        }
    }

    private JsonId NewId(RecordStore store, ref int number)
    {
        while (true)
        {
            var id = JsonId.Of(FormattableString.Invariant($"{store.Name}-renamed-{++number}"));
            if (!_content.Contains(id) && !_memory.Removed.Contains(new StoreKey(store.Name, id)))
            {
                return id;
            }
        }
    }

    private void FollowLinks()
    {
        foreach (var store in _content.Stores)
        {
            foreach (var record in store.ByAge())
            {
                if (Follow(record.Body.Span) is { } body)
                {
                    store.Set(record.Id, record with { Body = body, SharesBody = false });
                }
            }
        }

        _content.Project = Follow(_content.Project) ?? _content.Project;
    }

    /// <summary>The fields with new ids in place of old ones; null when they name none.</summary>
    private byte[]? Follow(ReadOnlySpan<byte> body)
    {
        var isChanged = false;
        _json.BeginObject();
        for (var fields = new FieldReader(body); fields.Next();)
        {
            _json.Name(fields.Name);
            if (RawText.TryReadId(fields.Value, out var old) && TryFollow(fields.Name, old, out var id))
            {
                isChanged = true;
                _json.Value(id);
            }
            else
            {
                _json.Value(fields.Value);
            }
        }

        _json.EndObject();
        var followed = _json.Take();
        return isChanged ? followed : null;
    }

    private bool TryFollow(ReadOnlySpan<byte> name, JsonId old, out JsonId id)
    {
        id = default;
        return FieldNames.SideOf(name) switch
        {
            LinkSide.From or LinkSide.To or LinkSide.Event => _renamed.TryGetValue(new StoreKey(StoreNames.Tasks, old), out id)
                || _renamed.TryGetValue(new StoreKey(StoreNames.Events, old), out id),
            LinkSide.Resource => _renamed.TryGetValue(new StoreKey(StoreNames.Resources, old), out id),
            _ => name.SequenceEqual(FieldNames.Calendar)
                && _renamed.TryGetValue(new StoreKey(StoreNames.Calendars, old), out id),
        };
    }
}

/// <summary>A record that is served under another id than the one it is stored with, because no client could load it with that.</summary>
/// <param name="Store">Its store.</param>
/// <param name="From">The id that it is stored with.</param>
/// <param name="To">The id that it is served with, and stored with from the next revision on.</param>
public sealed record RenamedRecord(string Store, JsonId From, JsonId To);
