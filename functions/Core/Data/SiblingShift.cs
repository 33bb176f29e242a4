using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Makes room for records that were inserted among siblings. A task that is added where another one stands pushes that
/// one and all behind it up by one in every client (bryntum-protocol.md 3.1).
/// </summary>
internal sealed class SiblingShift
{
    private readonly RecordStore _store;
    private readonly Dictionary<JsonId, List<DataRecord>> _inserted = [];
    private readonly HashSet<JsonId> _crowded = [];

    /// <summary>For the insertions of one change set into one store.</summary>
    public SiblingShift(RecordStore store)
    {
        _store = store;
    }

    /// <summary>Notes a record that is about to be inserted.</summary>
    public void Note(DataRecord record)
    {
        if (!_store.IsTree || record.Order == DataRecord.End)
        {
            return;
        }

        if (!_inserted.TryGetValue(record.Parent, out var inserted))
        {
            inserted = [];
            _inserted.Add(record.Parent, inserted);
        }

        inserted.Add(record);
        if (record.Order <= _store.HighestOrder(record.Parent))
        {
            _crowded.Add(record.Parent);
        }
    }

    /// <summary>The records that get another order, with it.</summary>
    public IEnumerable<DataRecord> Moved() => _crowded.SelectMany(MovedUnder);

    // A revision tells the final places of all its records, so they are put in from the lowest to the highest. Each is
    // one pass over an array of integers: 5,000 records into 50,000 siblings take about 0.1 s.
    private IEnumerable<DataRecord> MovedUnder(JsonId parent)
    {
        var inserted = _inserted[parent];
        var insertedIds = inserted.Select(record => record.Id).ToHashSet();
        DataRecord[] siblings =
        [
            .. (_store.ChildIdsOf(parent) ?? []).Where(id => !insertedIds.Contains(id)).Select(id => _store.Find(id)!),
            .. inserted.OrderBy(record => record.Order).Select(record => _store.Find(record.Id)!),
        ];
        var orders = Array.ConvertAll(siblings, record => record.Order);
        for (var index = siblings.Length - inserted.Count; index < siblings.Length; index++)
        {
            MakeRoom(orders.AsSpan(0, index), orders[index]);
        }

        for (var index = 0; index < siblings.Length; index++)
        {
            if (siblings[index].Order != orders[index])
            {
                yield return siblings[index] with { Order = orders[index] };
            }
        }
    }

    private static void MakeRoom(Span<int> orders, int place)
    {
        if (!orders.Contains(place))
        {
            return;
        }

        foreach (ref var order in orders)
        {
            order += order >= place && order < DataRecord.End - 1 ? 1 : 0;
        }
    }
}
