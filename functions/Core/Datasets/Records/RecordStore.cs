using System.Runtime.InteropServices;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The records of one store by id and, in a tree store, by parent.</summary>
internal sealed class RecordStore
{
    private readonly Dictionary<JsonId, DataRecord> byId;
    private readonly Dictionary<JsonId, SiblingSet> byParent;
    private long lastSequence;

    /// <summary>An empty store.</summary>
    public RecordStore(string name)
    {
        Name = name;
        IsTree = StoreNames.IsTree(name);
        byId = [];
        byParent = [];
    }

    private RecordStore(RecordStore source)
    {
        Name = source.Name;
        IsTree = source.IsTree;
        ApproximateBytes = source.ApproximateBytes;
        TextBytes = source.TextBytes;
        lastSequence = source.lastSequence;
        byId = new Dictionary<JsonId, DataRecord>(source.byId);
        byParent = source.byParent.ToDictionary(pair => pair.Key, pair => pair.Value.Clone());
    }

    /// <summary>Its wire name in change sets.</summary>
    public string Name { get; }

    /// <summary>Whether its records form a tree.</summary>
    public bool IsTree { get; }

    /// <summary>The number of records.</summary>
    public int Count => byId.Count;

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes { get; private set; }

    /// <summary>Bytes of all record texts.</summary>
    public long TextBytes { get; private set; }

    /// <summary>All records in no order.</summary>
    public IReadOnlyCollection<DataRecord> Records => byId.Values;

    /// <summary>Puts many records in at once.</summary>
    public void Fill(IReadOnlyCollection<DataRecord> records)
    {
        byId.EnsureCapacity(byId.Count + records.Count);
        foreach (var record in records)
        {
            Set(record.Id, record);
        }
    }

    /// <summary>A sequence number above all given so far.</summary>
    public long NextSequence() => ++lastSequence;

    /// <summary>Looks a record up; null when there is none.</summary>
    public DataRecord? Find(JsonId id) => byId.GetValueOrDefault(id);

    /// <summary>Looks for the record that a client would find under an id, of whatever JSON type; null when there is none.</summary>
    public DataRecord? FindByForm(JsonId id) => Find(id) ?? Find(id.Twin);

    /// <summary>The id of the record that an id names by a rule; the id itself when it names none.</summary>
    public JsonId Locate(JsonId id, IdentityRule rule) =>
        rule == IdentityRule.ByForm && FindByForm(id) is { } record ? record.Id : id;

    /// <summary>Whether there is such a record.</summary>
    public bool Contains(JsonId id) => byId.ContainsKey(id);

    /// <summary>All records, oldest first.</summary>
    public DataRecord[] ByAge()
    {
        DataRecord[] records = [.. byId.Values];
        for (var index = 1; index < records.Length; index++)
        {
            if (records[index - 1].Sequence > records[index].Sequence)
            {
                Array.Sort(records, static (left, right) => left.Sequence.CompareTo(right.Sequence));
                break;
            }
        }

        return records;
    }

    /// <summary>The children of a record in order; of the empty id, the roots.</summary>
    public DataRecord[] ChildrenOf(JsonId parent)
    {
        if (!byParent.TryGetValue(parent, out var siblings))
        {
            return [];
        }

        DataRecord[] children = [.. siblings.Ids.Select(id => byId[id])];
        Array.Sort(children, DataRecord.CompareSiblings);
        return children;
    }

    /// <summary>The ids of a record's children in no order; null when it has none.</summary>
    public IReadOnlyCollection<JsonId>? ChildIdsOf(JsonId parent) => byParent.GetValueOrDefault(parent)?.Ids;

    /// <summary>An order that no child of this parent exceeds; saves looking at all of them for most additions.</summary>
    public int HighestOrder(JsonId parent) => byParent.GetValueOrDefault(parent)?.HighestOrder ?? -1;

    /// <summary>Puts a record in the place of the one with its id, or takes that away; gives what was there.</summary>
    public DataRecord? Set(JsonId id, DataRecord? record)
    {
        DataRecord? previous;
        if (record is null)
        {
            byId.Remove(id, out previous);
        }
        else
        {
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(byId, id, out _);
            previous = slot;
            slot = record;
            ApproximateBytes += record.ApproximateBytes;
            TextBytes += record.Body.Length;
        }

        if (previous is not null)
        {
            ApproximateBytes -= previous.ApproximateBytes;
            TextBytes -= previous.Body.Length;
        }

        if (IsTree)
        {
            Relink(previous, record);
        }

        return previous;
    }

    /// <summary>A copy that later changes of this one do not touch.</summary>
    public RecordStore Clone() => new(this);

    private void Relink(DataRecord? previous, DataRecord? record)
    {
        if (previous is not null && (record is null || record.Parent != previous.Parent))
        {
            var siblings = byParent[previous.Parent];
            siblings.Ids.Remove(previous.Id);
            if (siblings.Ids.Count == 0)
            {
                byParent.Remove(previous.Parent);
            }
        }

        if (record is null)
        {
            return;
        }

        if (!byParent.TryGetValue(record.Parent, out var set))
        {
            set = new SiblingSet();
            byParent.Add(record.Parent, set);
        }

        set.Ids.Add(record.Id);
        if (record.Order != DataRecord.End)
        {
            set.HighestOrder = Math.Max(set.HighestOrder, record.Order);
        }
    }

    private sealed class SiblingSet
    {
        public HashSet<JsonId> Ids { get; private init; } = [];

        public int HighestOrder { get; set; } = -1;

        public SiblingSet Clone() => new() { Ids = [.. Ids], HighestOrder = HighestOrder };
    }
}
