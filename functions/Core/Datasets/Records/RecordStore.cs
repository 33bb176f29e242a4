using System.Runtime.InteropServices;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The records of one store by id and, in a tree store, by parent.</summary>
internal sealed class RecordStore
{
    private readonly Dictionary<JsonId, DataRecord> byId;
    private readonly Dictionary<JsonId, SiblingSet> byParent;
    private long lastSequence;

    /// <summary>Creates an empty store.</summary>
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

    /// <summary>An estimate of its memory.</summary>
    public long ApproximateBytes { get; private set; }

    /// <summary>Bytes of all record texts.</summary>
    public long TextBytes { get; private set; }

    /// <summary>All records, unordered.</summary>
    public IReadOnlyCollection<DataRecord> Records => byId.Values;

    /// <summary>Adds many records at once.</summary>
    public void Fill(IReadOnlyCollection<DataRecord> records)
    {
        byId.EnsureCapacity(byId.Count + records.Count);
        foreach (var record in records)
        {
            Set(record.Id, record);
        }
    }

    /// <summary>A sequence number above all earlier ones.</summary>
    public long NextSequence() => ++lastSequence;

    /// <summary>Looks a record up; null when there is none.</summary>
    public DataRecord? Find(JsonId id) => byId.GetValueOrDefault(id);

    /// <summary>
    /// Looks up the record that a client would find under an id of either JSON type; null when there is none.
    /// </summary>
    public DataRecord? FindByForm(JsonId id) => Find(id) ?? Find(id.Twin);

    /// <summary>The stored id of the record that an id names under a rule; the id itself when it names none.</summary>
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

    /// <summary>The children of a record, in order; the roots for the empty id.</summary>
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

    /// <summary>The ids of a record's children, unordered; null when it has none.</summary>
    public IReadOnlyCollection<JsonId>? ChildIdsOf(JsonId parent) => byParent.GetValueOrDefault(parent)?.Ids;

    /// <summary>
    /// An upper bound of the order of this parent's children. Most additions need no look at the children because of
    /// it.
    /// </summary>
    public int HighestOrder(JsonId parent) => byParent.GetValueOrDefault(parent)?.HighestOrder ?? -1;

    /// <summary>Replaces or removes the record with an id. Returns the previous one.</summary>
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

    /// <summary>An independent copy.</summary>
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
