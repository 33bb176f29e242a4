using System.Text.Json;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// The parts to remove from a change set because they would crash clients: new records of a tree without an existing
/// parent, and moves that would make a record its own ancestor (docs/protocol-facts.md#what-a-server-must-cut).
/// </summary>
internal sealed class ChangeCuts
{
    private readonly HashSet<StoreKey> cutAdded = [];
    private readonly HashSet<StoreKey> cutMoved = [];

    /// <summary>Whether there is anything to remove.</summary>
    public bool Any => cutAdded.Count > 0 || cutMoved.Count > 0;

    /// <summary>Why the whole change set is refused; null when it is not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Finds the parts to remove.</summary>
    public static ChangeCuts Find(Content content, IReadOnlyList<StoreChanges> changes, IdAssignment ids)
    {
        var cuts = new ChangeCuts();
        foreach (var store in changes.Where(store => StoreNames.IsTree(store.Store)))
        {
            var records = content.Find(store.Store) ?? new RecordStore(store.Store);
            // What one part loses, the other must lose too; that may in turn remove more there.
            while (cuts.FindIn(records, store.Results, ids) | cuts.FindIn(records, store.Input, ids)) { }
        }

        return cuts;
    }

    /// <summary>Whether a record of <c>added</c> is removed.</summary>
    public bool CutsAdded(string store, JsonId id) => cutAdded.Contains(new StoreKey(store, id));

    /// <summary>Whether a record of <c>updated</c> loses its new position.</summary>
    public bool CutsMove(string store, JsonId id) => cutMoved.Contains(new StoreKey(store, id));

    private bool FindIn(RecordStore store, ChangePart part, IdAssignment ids)
    {
        var added = new List<ParentRequest>();
        foreach (var record in part.Added)
        {
            var id = ids.IdOf(store.Name, record);
            var place = Placement.Of(record);
            if (!CutsAdded(store.Name, id) && (place.StatesParent || !store.Contains(id)))
            {
                added.Add(new ParentRequest(id, ids.Resolve(store.Name, place.Parent)));
            }
        }

        var moved = new List<ParentRequest>();
        foreach (var record in part.Updated)
        {
            var place = Placement.Of(record);
            if (place.StatesParent && ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                var id = ids.Locate(store.Name, stated);
                if (!CutsMove(store.Name, id))
                {
                    moved.Add(new ParentRequest(id, ids.Resolve(store.Name, place.Parent)));
                }
            }
        }

        var plan = new ParentPlan(store, added, moved);
        if (plan.FindTooDeep() is { IsEmpty: false } deep)
        {
            Fault = $"{store.Name}: record {deep} would be below level {DatasetLimits.TreeLevelsMax}";
        }

        var before = cutAdded.Count + cutMoved.Count;
        cutAdded.UnionWith(plan.RejectedAdded.Select(id => new StoreKey(store.Name, id)));
        cutMoved.UnionWith(plan.RejectedMoved.Select(id => new StoreKey(store.Name, id)));
        return cutAdded.Count + cutMoved.Count > before;
    }
}
