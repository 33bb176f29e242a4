using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// Makes room for records that were inserted among siblings. In every client, a task that is added at the position of
/// another one shifts that one and all behind it by one (docs/protocol-facts.md#order-of-siblings).
/// </summary>
internal sealed class SiblingShift
{
    private readonly RecordStore store;
    private readonly HashSet<JsonId> newIds = [];
    private readonly Dictionary<JsonId, int> highestBefore = [];

    /// <summary>Tracks the insertions of one change set into one store.</summary>
    public SiblingShift(RecordStore store)
    {
        this.store = store;
    }

    /// <summary>Registers a record that is about to be inserted.</summary>
    public void NoteBefore(DataRecord record)
    {
        if (store.IsTree)
        {
            newIds.Add(record.Id);
            highestBefore.TryAdd(record.Parent, store.HighestOrder(record.Parent));
        }
    }

    /// <summary>The records whose order changes, with the new order. Call it after all insertions.</summary>
    public IEnumerable<DataRecord> Moved() =>
        newIds
            .Select(id => store.Find(id)!)
            .Where(record => record.Order != DataRecord.End)
            .GroupBy(record => record.Parent)
            .SelectMany(group => MovedBy(group.Key, [.. group.OrderBy(record => record.Order)]));

    // A revision states the final positions of all its records, so they are inserted from the lowest to the highest.
    // Each insertion is one pass over an array of integers: 5,000 records into 50,000 siblings take about 0.1 s.
    private IEnumerable<DataRecord> MovedBy(JsonId parent, DataRecord[] inserted)
    {
        if (IsBehindAll(parent, inserted))
        {
            yield break;
        }

        var insertedIds = inserted.Select(record => record.Id).ToHashSet();
        DataRecord[] siblings =
        [
            .. (store.ChildIdsOf(parent) ?? []).Where(id => !insertedIds.Contains(id)).Select(id => store.Find(id)!),
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

    // The usual case, in which the siblings need not be read.
    private bool IsBehindAll(JsonId parent, DataRecord[] inserted)
    {
        var highest = highestBefore.GetValueOrDefault(parent, DataRecord.End);
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
