using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The ids that a project remembers beside its content: which real id a client-made one got, and what was removed.</summary>
internal sealed class IdRegistry
{
    private readonly SortedSet<string> phantomStores;

    /// <summary>Remembers nothing yet.</summary>
    public IdRegistry()
    {
        Phantoms = new BoundedMap<StoreKey, JsonId>(DatasetLimits.PhantomsMax);
        Removed = new BoundedMap<StoreKey, string?>(DatasetLimits.RemovedIdsMax);
        phantomStores = new SortedSet<string>(StringComparer.Ordinal);
    }

    private IdRegistry(IdRegistry source)
    {
        Phantoms = source.Phantoms.Clone();
        Removed = source.Removed.Clone();
        phantomStores = new SortedSet<string>(source.phantomStores, StringComparer.Ordinal);
    }

    /// <summary>The real ids of client-made ones.</summary>
    public BoundedMap<StoreKey, JsonId> Phantoms { get; }

    /// <summary>
    /// The ids of records that are or were gone. With that of a version the key of its content: who brings it back by undo
    /// has only the record.
    /// </summary>
    public BoundedMap<StoreKey, string?> Removed { get; }

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => Phantoms.ApproximateBytes + Removed.ApproximateBytes;

    /// <summary>Remembers the real id of a client-made one.</summary>
    public void RememberPhantom(string store, JsonId phantom, JsonId id, UndoJournal journal)
    {
        // Not taken back by a rollback: a store without entries here is only looked into in vain.
        phantomStores.Add(store);
        Phantoms.Add(new StoreKey(store, phantom), id, journal);
    }

    /// <summary>The real id of a client-made one, whatever store it is from; the given store comes first.</summary>
    public bool TryFindPhantom(string firstStore, JsonId phantom, out JsonId id)
    {
        if (Phantoms.TryGet(new StoreKey(firstStore, phantom), out id))
        {
            return true;
        }

        foreach (var store in phantomStores)
        {
            if (Phantoms.TryGet(new StoreKey(store, phantom), out id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A copy that later changes of this one do not touch.</summary>
    public IdRegistry Clone() => new(this);
}
