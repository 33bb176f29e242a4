using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The content of a dataset: its stores and the project's fields.</summary>
internal sealed class Content
{
    private static readonly byte[] NoFields = "{}"u8.ToArray();

    private readonly SortedDictionary<string, RecordStore> stores;

    /// <summary>Creates empty content.</summary>
    public Content()
    {
        stores = new SortedDictionary<string, RecordStore>(StringComparer.Ordinal);
        Project = NoFields;
    }

    private Content(Content source)
        : this()
    {
        Project = source.Project;
        SharedBytes = source.SharedBytes;
        foreach (var store in source.Stores)
        {
            stores.Add(store.Name, store.Clone());
        }
    }

    /// <summary>The project's fields, a JSON object without <c>id</c>.</summary>
    public byte[] Project { get; set; }

    /// <summary>The stores by name; some may be empty.</summary>
    public IReadOnlyCollection<RecordStore> Stores => stores.Values;

    /// <summary>The number of records in all stores.</summary>
    public int Count => stores.Values.Sum(store => store.Count);

    /// <summary>Bytes of all record texts.</summary>
    public long TextBytes => Project.Length + stores.Values.Sum(store => store.TextBytes);

    /// <summary>
    /// Bytes of the text that the records were read from. It stays in memory as long as one of these records does, so
    /// it counts in full.
    /// </summary>
    public long SharedBytes { get; init; }

    /// <summary>An estimate of its memory.</summary>
    public long ApproximateBytes => SharedBytes + Project.Length + stores.Values.Sum(store => store.ApproximateBytes);

    /// <summary>Looks a store up; null when it never had a record.</summary>
    public RecordStore? Find(string store) => stores.GetValueOrDefault(store);

    /// <summary>Looks a record up; null when there is none.</summary>
    public DataRecord? Find(string store, JsonId id) => Find(store)?.Find(id);

    /// <summary>Whether any store has a record that a client would find under this id.</summary>
    public bool Contains(JsonId id)
    {
        foreach (var store in stores.Values)
        {
            if (store.FindByForm(id) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The store of this name, created when it does not exist.</summary>
    public RecordStore Store(string name)
    {
        if (!stores.TryGetValue(name, out var store))
        {
            store = new RecordStore(name);
            stores.Add(name, store);
        }

        return store;
    }

    /// <summary>An independent copy.</summary>
    public Content Clone() => new(this);
}
