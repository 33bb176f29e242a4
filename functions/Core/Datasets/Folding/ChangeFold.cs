using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Folding;

/// <summary>Folds a decided change set into the state, in time proportional to the size of the change set.</summary>
internal sealed class ChangeFold
{
    private readonly Content content;
    private readonly IdRegistry memory;
    private readonly UndoJournal journal;
    private readonly IdentityRule rule;
    private readonly RecordBuilder builder;

    // The latest parent of each record that this change set moves. It may move a record twice. Then each position
    // applies in turn, as in the clients: the order under one parent means nothing under the next.
    private readonly Dictionary<JsonId, JsonId> currentParents = [];

    /// <summary>Creates a fold of one change set.</summary>
    public ChangeFold(Content content, IdRegistry memory, UndoJournal journal, IdentityRule rule)
    {
        this.rule = rule;
        builder = new RecordBuilder(rule);
        this.content = content;
        this.memory = memory;
        this.journal = journal;
    }

    /// <summary>See <see cref="Dataset.Apply"/>.</summary>
    public void Apply(ReadOnlyMemory<byte> changes, bool cut)
    {
        using var document = JsonDocument.Parse(
            changes,
            new JsonDocumentOptions { MaxDepth = Model.MessageLimits.DepthMax }
        );
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (document.RootElement.TryGetProperty(StoreNames.Project, out var project))
        {
            FoldProject(project, cut);
        }

        foreach (var store in StoreChanges.AllOf(document.RootElement))
        {
            FoldStore(store, cut);
        }
    }

    private void FoldProject(JsonElement project, bool cut)
    {
        if (project.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var fields = project;
        if (cut && !project.TryGetProperty(FieldNames.Input, out fields))
        {
            return;
        }

        var before = content.Project;
        journal.Note(() => content.Project = before);
        content.Project = builder.MergeProject(before, fields);
    }

    private void FoldStore(StoreChanges changes, bool cut)
    {
        // The derived values of a cut change set were computed from records that do not exist
        // (docs/protocol-facts.md#what-a-server-must-cut).
        var part = cut ? changes.Input : changes.Results;
        var added = changes.AllAdded(content.Find(changes.Store), rule);
        if (added.Count == 0 && content.Find(changes.Store) is null)
        {
            return;
        }

        currentParents.Clear();
        var store = content.Store(changes.Store);
        // Two plans in sequence: siblings make room for the insertions before the moves apply.
        Insert(store, added, store.IsTree ? ParentPlan.For(store, added, []) : null);
        var updated = Locate(store, part.Updated);
        var plan = store.IsTree ? ParentPlan.For(store, [], updated) : null;
        foreach (var (id, sent) in updated)
        {
            if (store.Find(id) is { } record)
            {
                RememberIntervals(store.Name, sent);
                Put(store, Merge(store, record, sent, plan));
            }
        }

        foreach (var (id, _) in Locate(store, part.Removed))
        {
            RemoveWithChildren(store, id);
        }
    }

    /// <summary>The records of a list, with the ids under which they are stored.</summary>
    private List<(JsonId Id, JsonElement Record)> Locate(RecordStore store, IReadOnlyList<JsonElement> list)
    {
        var located = new List<(JsonId, JsonElement)>(list.Count);
        foreach (var sent in list)
        {
            if (ChangePart.TryReadId(sent, FieldNames.Id, out var id))
            {
                located.Add((store.Locate(id, rule), sent));
            }
        }

        return located;
    }

    private void Insert(RecordStore store, IReadOnlyList<(JsonId Id, JsonElement Record)> added, ParentPlan? plan)
    {
        var shift = new SiblingShift(store);
        // Existing records first: which siblings a new one shifts depends on their positions.
        foreach (var (id, sent) in added.OrderByDescending(entry => store.Contains(entry.Id)).ToList())
        {
            if (plan?.Exists(id) == false)
            {
                continue;
            }

            Remember(store.Name, id, sent);
            if (store.Find(id) is { } known)
            {
                Put(store, Merge(store, known, sent, plan));
                continue;
            }

            var record = builder.Create(store, id, sent);
            record = plan is null ? record : record with { Parent = plan.ParentOf(id) };
            if (memory.Removed.TryGet(new StoreKey(store.Name, id), out var contentKey) && contentKey is not null)
            {
                record = record with { ContentKey = contentKey };
            }

            shift.NoteBefore(record);
            Put(store, record);
        }

        foreach (var moved in shift.Moved().ToList())
        {
            Put(store, moved);
        }
    }

    private DataRecord Merge(RecordStore store, DataRecord record, JsonElement sent, ParentPlan? plan)
    {
        var merged = builder.Merge(store, record, sent);
        var place = plan is null ? default : Placement.Of(sent);
        if (plan is null || !place.StatesParent)
        {
            return merged;
        }

        merged = merged with { Parent = plan.ParentOf(record.Id) };
        var previousParent = currentParents.GetValueOrDefault(record.Id, record.Parent);
        currentParents[record.Id] = place.Parent;
        if (place.Parent == previousParent)
        {
            return merged;
        }

        // A record that moves to another parent without stating a position goes behind its new siblings.
        var moved = merged with
        {
            Sequence = store.NextSequence(),
        };
        return place.StatesOrder || place.ParentIndex is not null
            ? moved
            : moved with
            {
                Order = DataRecord.End,
                OrderIsField = false,
            };
    }

    private void Remember(string store, JsonId id, JsonElement sent)
    {
        RememberPhantom(store, id, sent);
        RememberIntervals(store, sent);
    }

    private void RememberIntervals(string store, JsonElement sent)
    {
        if (
            !string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
            || !sent.TryGetProperty(FieldNames.Intervals, out var intervals)
        )
        {
            return;
        }

        IEnumerable<JsonElement> records =
            intervals.ValueKind == JsonValueKind.Array
                ? intervals.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)
                : ChangePart.Of(intervals).Added;
        foreach (var interval in records)
        {
            if (ChangePart.TryReadId(interval, FieldNames.Id, out var id))
            {
                RememberPhantom(StoreNames.Intervals, id, interval);
            }
        }

        foreach (var interval in ChangePart.Of(intervals).Removed)
        {
            if (ChangePart.TryReadId(interval, FieldNames.Id, out var id))
            {
                memory.Removed.Put(new StoreKey(StoreNames.Intervals, id), value: null, journal);
            }
        }
    }

    private void RememberPhantom(string store, JsonId id, JsonElement sent)
    {
        if (ChangePart.TryReadId(sent, FieldNames.PhantomId, out var phantom) && phantom != id)
        {
            memory.RememberPhantom(store, phantom, id, journal);
        }
    }

    // The clients list the descendants of a removed parent. A record that another client has added meanwhile is not in
    // the list and would be left without a parent.
    private void RemoveWithChildren(RecordStore store, JsonId first)
    {
        var open = new Stack<JsonId>([first]);
        while (open.TryPop(out var id))
        {
            if (!store.Contains(id))
            {
                continue;
            }

            // In tree order, so that every instance remembers, and later forgets, the ids in the same order.
            foreach (var child in store.ChildrenOf(id))
            {
                open.Push(child.Id);
            }

            var previous = store.Set(id, record: null);
            journal.Note(() => store.Set(id, previous));
            memory.Removed.Put(new StoreKey(store.Name, id), previous?.ContentKey, journal);
        }
    }

    private void Put(RecordStore store, DataRecord record)
    {
        var previous = store.Set(record.Id, record);
        if (journal.IsOpen)
        {
            journal.Note(() => store.Set(record.Id, previous));
        }
    }
}
