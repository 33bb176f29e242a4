using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Importing;

/// <summary>
/// The order of siblings in an imported tree store, as clients establish it (docs/protocol-facts.md#order-of-siblings):
/// records nested in <c>children</c> keep the order of the array, whatever their indexes; roots are sorted by
/// <c>parentIndex</c>, but only when all of them have one.
/// </summary>
/// <remarks>
/// Clients do not build a tree from <c>parentId</c>, so they give no order to follow: such siblings are sorted by
/// <c>orderedParentIndex</c>, or else by <c>parentIndex</c>, when all of them have it.
/// </remarks>
internal sealed class ImportedOrder
{
    private readonly Dictionary<JsonId, List<Sibling>> byParent = [];

    /// <summary>Adds a record, in document order.</summary>
    /// <param name="record">The record, with its parent.</param>
    /// <param name="row">The row that it was read from.</param>
    public void Add(DataRecord record, NestedRow row)
    {
        if (!byParent.TryGetValue(record.Parent, out var siblings))
        {
            siblings = [];
            byParent.Add(record.Parent, siblings);
        }

        var parentIndex = IndexOf(row.Element, FieldNames.ParentIndex);
        siblings.Add(
            new Sibling(
                record,
                row.Parent >= 0 ? null
                    : record.Parent.IsEmpty ? parentIndex
                    : IndexOf(row.Element, FieldNames.OrderedParentIndex) ?? parentIndex
            )
        );
    }

    /// <summary>All records with their positions, numbered among siblings from 0 as clients do after a load.</summary>
    public IEnumerable<DataRecord> Placed()
    {
        foreach (var siblings in byParent.Values)
        {
            // A stable sort, so that equal indexes keep document order.
            var ordered = siblings.TrueForAll(static sibling => sibling.Index is not null)
                ? siblings.OrderBy(static sibling => sibling.Index)
                : siblings.AsEnumerable();
            var place = 0;
            foreach (var (record, _) in ordered)
            {
                yield return record with { Order = place++ };
            }
        }
    }

    private static double? IndexOf(JsonElement record, ReadOnlySpan<byte> field) =>
        record.TryGetProperty(field, out var index)
        && index.ValueKind == JsonValueKind.Number
        && index.TryGetDouble(out var number)
            ? number
            : null;

    private readonly record struct Sibling(DataRecord Record, double? Index);
}
