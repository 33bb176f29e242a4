using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>A map that forgets its oldest entries. An entry's age is that of its first addition.</summary>
internal sealed class BoundedMap<TKey, TValue>
    where TKey : notnull
{
    // Measured: two dictionary slots and an id of typical length.
    private const long EntryBytes = 200;

    private readonly int max;
    private readonly Dictionary<TKey, TValue> values;
    private readonly Dictionary<long, TKey> byAge;
    private long oldest;
    private long next;

    /// <summary>Creates an empty map of at most <paramref name="max"/> entries.</summary>
    public BoundedMap(int max)
    {
        this.max = max;
        values = [];
        byAge = [];
    }

    private BoundedMap(BoundedMap<TKey, TValue> source)
    {
        max = source.max;
        values = new Dictionary<TKey, TValue>(source.values);
        byAge = new Dictionary<long, TKey>(source.byAge);
        oldest = source.oldest;
        next = source.next;
    }

    /// <summary>The entries, oldest first.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Entries
    {
        get
        {
            for (var age = oldest; age < next; age++)
            {
                var key = byAge[age];
                yield return KeyValuePair.Create(key, values[key]);
            }
        }
    }

    /// <summary>An estimate of its memory.</summary>
    public long ApproximateBytes => EntryBytes * values.Count;

    /// <summary>Looks an entry up.</summary>
    public bool TryGet(TKey key, out TValue? value) => values.TryGetValue(key, out value);

    /// <summary>Whether there is such an entry.</summary>
    public bool Contains(TKey key) => values.ContainsKey(key);

    /// <summary>Adds an entry unless the key exists; drops the oldest entry when there are too many.</summary>
    public void Add(TKey key, TValue value, UndoJournal journal)
    {
        if (!values.TryAdd(key, value))
        {
            return;
        }

        byAge[next++] = key;
        if (journal.IsOpen)
        {
            journal.Note(() =>
            {
                byAge.Remove(--next);
                values.Remove(key);
            });
        }

        if (values.Count > max)
        {
            DropOldest(journal);
        }
    }

    /// <summary>Adds an entry, or replaces the value of an existing one.</summary>
    public void Put(TKey key, TValue value, UndoJournal journal)
    {
        if (!values.TryGetValue(key, out var before))
        {
            Add(key, value, journal);
            return;
        }

        values[key] = value;
        if (journal.IsOpen)
        {
            journal.Note(() => values[key] = before);
        }
    }

    /// <summary>An independent copy.</summary>
    public BoundedMap<TKey, TValue> Clone() => new(this);

    private void DropOldest(UndoJournal journal)
    {
        byAge.Remove(oldest, out var key);
        values.Remove(key!, out var value);
        oldest++;
        if (journal.IsOpen)
        {
            journal.Note(() =>
            {
                byAge[--oldest] = key!;
                values[key!] = value!;
            });
        }
    }
}
