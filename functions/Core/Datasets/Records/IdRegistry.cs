using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// The ids that a project remembers beside its content: real ids of phantom ids, and removed ids.
/// </summary>
internal sealed class IdRegistry
{
    private readonly SortedSet<string> phantomStores;

    /// <summary>Creates an empty registry.</summary>
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

    /// <summary>The real ids by phantom id.</summary>
    public BoundedMap<StoreKey, JsonId> Phantoms { get; }

    /// <summary>
    /// The ids of records that were removed, even if they are back. For a version also the key of its content: a client
    /// that undoes the removal has only the record.
    /// </summary>
    public BoundedMap<StoreKey, string?> Removed { get; }

    /// <summary>An estimate of its memory.</summary>
    public long ApproximateBytes => Phantoms.ApproximateBytes + Removed.ApproximateBytes;

    /// <summary>Remembers the real id of a phantom id.</summary>
    public void RememberPhantom(string store, JsonId phantom, JsonId id, UndoJournal journal)
    {
        // A rollback leaves it: a store without entries only costs a lookup.
        phantomStores.Add(store);
        Phantoms.Add(new StoreKey(store, phantom), id, journal);
    }

    /// <summary>
    /// Looks up the real id of a phantom id in all stores, beginning with <paramref name="firstStore"/>.
    /// </summary>
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

    /// <summary>An independent copy.</summary>
    public IdRegistry Clone() => new(this);
}
