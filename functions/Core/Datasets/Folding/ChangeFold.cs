using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Folding;

/// <summary>Folds a decided change set into the state; costs the size of the change set.</summary>
internal sealed class ChangeFold
{
    private readonly Content _content;
    private readonly IdRegistry _memory;
    private readonly UndoJournal _journal;
    private readonly IdentityRule _rule;
    private readonly RecordBuilder _builder;

    // Under which parent a record stood last, of those that this change set names. It may name one twice; then each place
    // counts when its turn comes, as in the clients: the order that it had under one parent says nothing under the next.
    private readonly Dictionary<JsonId, JsonId> _stood = [];

    /// <summary>For one change set.</summary>
    public ChangeFold(Content content, IdRegistry memory, UndoJournal journal, IdentityRule rule)
    {
        _rule = rule;
        _builder = new RecordBuilder(rule);
        _content = content;
        _memory = memory;
        _journal = journal;
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

        var before = _content.Project;
        _journal.Note(() => _content.Project = before);
        _content.Project = _builder.MergeProject(before, fields);
    }

    private void FoldStore(StoreChanges changes, bool cut)
    {
        // The derived values of a cut change set were computed with records that do not exist
        // (docs/protocol-facts.md#what-a-server-must-cut).
        var told = cut ? changes.Input : changes.Results;
        var added = changes.AllAdded(_content.Find(changes.Store), _rule);
        if (added.Count == 0 && _content.Find(changes.Store) is null)
        {
            return;
        }

        _stood.Clear();
        var store = _content.Store(changes.Store);
        // One plan after the other: where a record stands between the two, siblings make room for what is inserted.
        Insert(store, added, store.IsTree ? ParentPlan.For(store, added, []) : null);
        var updated = Locate(store, told.Updated);
        var plan = store.IsTree ? ParentPlan.For(store, [], updated) : null;
        foreach (var (id, sent) in updated)
        {
            if (store.Find(id) is { } record)
            {
                RememberIntervals(store.Name, sent);
                Put(store, Merge(store, record, sent, plan));
            }
        }

        foreach (var (id, _) in Locate(store, told.Removed))
        {
            RemoveWithChildren(store, id);
        }
    }

    /// <summary>The records of a list with the ids under which those that they name are kept.</summary>
    private List<(JsonId Id, JsonElement Record)> Locate(RecordStore store, IReadOnlyList<JsonElement> list)
    {
        var located = new List<(JsonId, JsonElement)>(list.Count);
        foreach (var sent in list)
        {
            if (ChangePart.TryReadId(sent, FieldNames.Id, out var id))
            {
                located.Add((store.Locate(id, _rule), sent));
            }
        }

        return located;
    }

    private void Insert(RecordStore store, IReadOnlyList<(JsonId Id, JsonElement Record)> added, ParentPlan? plan)
    {
        var shift = new SiblingShift(store);
        // Those that exist first: what a new one pushes depends on where they stand now.
        foreach (var (id, sent) in added.OrderByDescending(entry => store.Contains(entry.Id)).ToList())
        {
            if (plan?.IsThere(id) == false)
            {
                continue;
            }

            Remember(store.Name, id, sent);
            if (store.Find(id) is { } known)
            {
                Put(store, Merge(store, known, sent, plan));
                continue;
            }

            var record = _builder.Create(store, id, sent);
            record = plan is null ? record : record with { Parent = plan.ParentOf(id) };
            if (_memory.Removed.TryGet(new StoreKey(store.Name, id), out var contentKey) && contentKey is not null)
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
        var merged = _builder.Merge(store, record, sent);
        var place = plan is null ? default : Placement.Of(sent);
        if (plan is null || !place.StatesParent)
        {
            return merged;
        }

        merged = merged with { Parent = plan.ParentOf(record.Id) };
        var stood = _stood.GetValueOrDefault(record.Id, record.Parent);
        _stood[record.Id] = place.Parent;
        if (place.Parent == stood)
        {
            return merged;
        }

        // A record that came to another parent without saying where stands behind those who were there.
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
                _memory.Removed.Put(new StoreKey(StoreNames.Intervals, id), value: null, _journal);
            }
        }
    }

    private void RememberPhantom(string store, JsonId id, JsonElement sent)
    {
        if (ChangePart.TryReadId(sent, FieldNames.PhantomId, out var phantom) && phantom != id)
        {
            _memory.RememberPhantom(store, phantom, id, _journal);
        }
    }

    // The clients list what goes with a parent; a record that another client had put there meanwhile is not on the list
    // and would be left without a parent.
    private void RemoveWithChildren(RecordStore store, JsonId first)
    {
        var open = new Stack<JsonId>([first]);
        while (open.TryPop(out var id))
        {
            if (!store.Contains(id))
            {
                continue;
            }

            // In the order of the tree: what is remembered first is forgotten first, in every process alike.
            foreach (var child in store.ChildrenOf(id))
            {
                open.Push(child.Id);
            }

            var previous = store.Set(id, record: null);
            _journal.Note(() => store.Set(id, previous));
            _memory.Removed.Put(new StoreKey(store.Name, id), previous?.ContentKey, _journal);
        }
    }

    private void Put(RecordStore store, DataRecord record)
    {
        var previous = store.Set(record.Id, record);
        if (_journal.IsOpen)
        {
            _journal.Note(() => store.Set(record.Id, previous));
        }
    }
}
