using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>A map that forgets its oldest entries. An entry's age is that of its first addition.</summary>
internal sealed class BoundedMap<TKey, TValue>
    where TKey : notnull
{
    // Measured: two dictionary slots and an id of usual length.
    private const long EntryBytes = 200;

    private readonly int _max;
    private readonly Dictionary<TKey, TValue> _values;
    private readonly Dictionary<long, TKey> _byAge;
    private long _oldest;
    private long _next;

    /// <summary>An empty map of at most <paramref name="max"/> entries.</summary>
    public BoundedMap(int max)
    {
        _max = max;
        _values = [];
        _byAge = [];
    }

    private BoundedMap(BoundedMap<TKey, TValue> source)
    {
        _max = source._max;
        _values = new Dictionary<TKey, TValue>(source._values);
        _byAge = new Dictionary<long, TKey>(source._byAge);
        _oldest = source._oldest;
        _next = source._next;
    }

    /// <summary>The entries, oldest first.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Entries
    {
        get
        {
            for (var age = _oldest; age < _next; age++)
            {
                var key = _byAge[age];
                yield return KeyValuePair.Create(key, _values[key]);
            }
        }
    }

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => EntryBytes * _values.Count;

    /// <summary>Looks an entry up.</summary>
    public bool TryGet(TKey key, out TValue? value) => _values.TryGetValue(key, out value);

    /// <summary>Whether there is such an entry.</summary>
    public bool Contains(TKey key) => _values.ContainsKey(key);

    /// <summary>Adds an entry unless there is one; drops the oldest when there are too many.</summary>
    public void Add(TKey key, TValue value, UndoJournal journal)
    {
        if (!_values.TryAdd(key, value))
        {
            return;
        }

        _byAge[_next++] = key;
        if (journal.IsOpen)
        {
            journal.Note(() =>
            {
                _byAge.Remove(--_next);
                _values.Remove(key);
            });
        }

        if (_values.Count > _max)
        {
            DropOldest(journal);
        }
    }

    /// <summary>Adds an entry, or gives one that is there another value.</summary>
    public void Put(TKey key, TValue value, UndoJournal journal)
    {
        if (!_values.TryGetValue(key, out var before))
        {
            Add(key, value, journal);
            return;
        }

        _values[key] = value;
        if (journal.IsOpen)
        {
            journal.Note(() => _values[key] = before);
        }
    }

    /// <summary>A copy that later changes of this one do not touch.</summary>
    public BoundedMap<TKey, TValue> Clone() => new(this);

    private void DropOldest(UndoJournal journal)
    {
        _byAge.Remove(_oldest, out var key);
        _values.Remove(key!, out var value);
        _oldest++;
        if (journal.IsOpen)
        {
            journal.Note(() =>
            {
                _byAge[--_oldest] = key!;
                _values[key!] = value!;
            });
        }
    }
}
