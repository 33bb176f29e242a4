using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// Makes room for records that were inserted among siblings. A task that is added where another one stands pushes that
/// one and all behind it up by one in every client (docs/protocol-facts.md#order-of-siblings).
/// </summary>
internal sealed class SiblingShift
{
    private readonly RecordStore _store;
    private readonly HashSet<JsonId> _inserted = [];
    private readonly Dictionary<JsonId, int> _highestBefore = [];

    /// <summary>For the insertions of one change set into one store.</summary>
    public SiblingShift(RecordStore store)
    {
        _store = store;
    }

    /// <summary>Notes a record that is about to be inserted.</summary>
    public void NoteBefore(DataRecord record)
    {
        if (_store.IsTree)
        {
            _inserted.Add(record.Id);
            _highestBefore.TryAdd(record.Parent, _store.HighestOrder(record.Parent));
        }
    }

    /// <summary>The records that get another order, with it; to be asked when all are inserted.</summary>
    public IEnumerable<DataRecord> Moved() =>
        _inserted
            .Select(id => _store.Find(id)!)
            .Where(record => record.Order != DataRecord.End)
            .GroupBy(record => record.Parent)
            .SelectMany(group => MovedBy(group.Key, [.. group.OrderBy(record => record.Order)]));

    // A revision tells the final places of all its records, so they are put in from the lowest to the highest. Each is
    // one pass over an array of integers: 5,000 records into 50,000 siblings take about 0.1 s.
    private IEnumerable<DataRecord> MovedBy(JsonId parent, DataRecord[] inserted)
    {
        if (StandsBehindAll(parent, inserted))
        {
            yield break;
        }

        var insertedIds = inserted.Select(record => record.Id).ToHashSet();
        DataRecord[] siblings =
        [
            .. (_store.ChildIdsOf(parent) ?? []).Where(id => !insertedIds.Contains(id)).Select(id => _store.Find(id)!),
            .. inserted,
        ];
        var orders = Array.ConvertAll(siblings, record => record.Order);
        for (var index = siblings.Length - inserted.Length; index < siblings.Length; index++)
        {
            MakeRoom(orders.AsSpan(0, index), orders[index]);
        }

        for (var index = 0; index < siblings.Length; index++)
        {
            if (siblings[index].Order != orders[index])
            {
                yield return siblings[index] with
                {
                    Order = orders[index],
                };
            }
        }
    }

    // The usual case, for which the siblings need not be looked at.
    private bool StandsBehindAll(JsonId parent, DataRecord[] inserted)
    {
        var highest = _highestBefore.GetValueOrDefault(parent, DataRecord.End);
        foreach (var record in inserted)
        {
            if (record.Order <= highest)
            {
                return false;
            }

            highest = record.Order;
        }

        return true;
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
