using System.Text.Json;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// What must be taken out of a change set because it would kill clients: new records of a tree whose parent is not
/// there, and moves that would make a record its own ancestor (docs/protocol-facts.md#what-a-server-must-cut).
/// </summary>
internal sealed class ChangeCuts
{
    private readonly HashSet<StoreKey> _added = [];
    private readonly HashSet<StoreKey> _moved = [];

    /// <summary>Whether anything is to be taken out.</summary>
    public bool Any => _added.Count > 0 || _moved.Count > 0;

    /// <summary>Why the change set cannot be taken at all; null when it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Looks for what to take out.</summary>
    public static ChangeCuts Find(Content content, IReadOnlyList<StoreChanges> changes, IdAssignment ids)
    {
        var cuts = new ChangeCuts();
        foreach (var store in changes.Where(store => StoreNames.IsTree(store.Store)))
        {
            var records = content.Find(store.Store) ?? new RecordStore(store.Store);
            // What falls out of one part must fall out of the other too, and may take more with it there.
            while (cuts.Look(records, store.Results, ids) | cuts.Look(records, store.Input, ids)) { }
        }

        return cuts;
    }

    /// <summary>Whether a record of <c>added</c> is to be left out.</summary>
    public bool CutsAdded(string store, JsonId id) => _added.Contains(new StoreKey(store, id));

    /// <summary>Whether a record of <c>updated</c> is to lose its new place.</summary>
    public bool CutsMove(string store, JsonId id) => _moved.Contains(new StoreKey(store, id));

    private bool Look(RecordStore store, ChangePart part, IdAssignment ids)
    {
        var added = new List<ParentWish>();
        foreach (var record in part.Added)
        {
            var id = ids.IdOf(store.Name, record);
            var place = Placement.Of(record);
            if (!CutsAdded(store.Name, id) && (place.StatesParent || !store.Contains(id)))
            {
                added.Add(new ParentWish(id, ids.Resolve(store.Name, place.Parent)));
            }
        }

        var moved = new List<ParentWish>();
        foreach (var record in part.Updated)
        {
            var place = Placement.Of(record);
            if (place.StatesParent && ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                var id = ids.Locate(store.Name, stated);
                if (!CutsMove(store.Name, id))
                {
                    moved.Add(new ParentWish(id, ids.Resolve(store.Name, place.Parent)));
                }
            }
        }

        var plan = new ParentPlan(store, added, moved);
        if (plan.FindTooDeep() is { IsEmpty: false } deep)
        {
            Fault = $"{store.Name}: record {deep} would stand below level {DatasetLimits.TreeLevelsMax}";
        }

        var before = _added.Count + _moved.Count;
        _added.UnionWith(plan.RejectedAdded.Select(id => new StoreKey(store.Name, id)));
        _moved.UnionWith(plan.RejectedMoved.Select(id => new StoreKey(store.Name, id)));
        return _added.Count + _moved.Count > before;
    }
}
