using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Importing;

/// <summary>
/// Repairs ids that earlier versions accepted and that crash clients on load
/// (docs/protocol-facts.md#identity-of-records): two ids in a store with the same string form, and names of properties
/// that every JavaScript object has.
/// </summary>
/// <remarks>
/// No record is lost. The younger twin, or the record with a reserved name, gets a new id; its children and the links
/// to exactly its old id, including the JSON type, follow. The result depends on the state alone, so every instance
/// repairs in the same way.
/// </remarks>
internal sealed class IdentityRepair
{
    private readonly Content content;
    private readonly IdRegistry memory;
    private readonly RawJson json = new();
    private readonly Dictionary<StoreKey, JsonId> renamed = [];

    private IdentityRepair(Content content, IdRegistry memory)
    {
        this.content = content;
        this.memory = memory;
    }

    /// <summary>Whether a client could not load the content because of its ids.</summary>
    public static bool IsNeeded(Content content) =>
        content.Stores.Any(static store => store.Records.Any(record => IsFaulty(store, record)));

    /// <summary>A loadable copy and its renamed records.</summary>
    public static (Content Content, IReadOnlyList<RenamedRecord> Renamed) Run(Content content, IdRegistry memory)
    {
        var repair = new IdentityRepair(content.Clone(), memory);
        foreach (var store in repair.content.Stores)
        {
            repair.RenameIn(store);
        }

        repair.FollowLinks();
        return (
            repair.content,
            [.. repair.renamed.Select(static pair => new RenamedRecord(pair.Key.Store, pair.Key.Id, pair.Value))]
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
        // Its parent may have been renamed after the list was made.
        var record = store.Find(found.Id)!;
        var children = store.ChildrenOf(record.Id);
        renamed.Add(new StoreKey(store.Name, record.Id), id);
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
            if (!content.Contains(id) && !memory.Removed.Contains(new StoreKey(store.Name, id)))
            {
                return id;
            }
        }
    }

    private void FollowLinks()
    {
        foreach (var store in content.Stores)
        {
            foreach (var record in store.ByAge())
            {
                if (Follow(record.Body.Span) is { } body)
                {
                    store.Set(record.Id, record with { Body = body, SharesBody = false });
                }
            }
        }

        content.Project = Follow(content.Project) ?? content.Project;
    }

    /// <summary>The fields with old ids replaced by new ones; null when they contain none.</summary>
    private byte[]? Follow(ReadOnlySpan<byte> body)
    {
        var isChanged = false;
        json.BeginObject();
        for (var fields = new FieldReader(body); fields.Next();)
        {
            json.Name(fields.Name);
            if (RawText.TryReadId(fields.Value, out var old) && TryFollow(fields.Name, old, out var id))
            {
                isChanged = true;
                json.Value(id);
            }
            else
            {
                json.Value(fields.Value);
            }
        }

        json.EndObject();
        var followed = json.Take();
        return isChanged ? followed : null;
    }

    private bool TryFollow(ReadOnlySpan<byte> name, JsonId old, out JsonId id)
    {
        id = default;
        return FieldNames.SideOf(name) switch
        {
            LinkSide.From or LinkSide.To or LinkSide.Event => renamed.TryGetValue(new StoreKey(StoreNames.Tasks, old), out id)
                || renamed.TryGetValue(new StoreKey(StoreNames.Events, old), out id),
            LinkSide.Resource => renamed.TryGetValue(new StoreKey(StoreNames.Resources, old), out id),
            _ => name.SequenceEqual(FieldNames.Calendar)
                && renamed.TryGetValue(new StoreKey(StoreNames.Calendars, old), out id),
        };
    }
}

/// <summary>
/// A record that is served under another id than its stored one, because clients could not load that one.
/// </summary>
/// <param name="Store">Its store.</param>
/// <param name="From">The stored id.</param>
/// <param name="To">The served id, which the next revision stores.</param>
public sealed record RenamedRecord(string Store, JsonId From, JsonId To);
