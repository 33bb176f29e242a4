using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Importing;

/// <summary>
/// The order of siblings in an imported tree store, as clients make it (docs/protocol-facts.md#order-of-siblings): those nested in
/// <c>children</c> stand as the array has them, whatever their indexes say; roots are sorted by <c>parentIndex</c>, but only when all of
/// them have one.
/// </summary>
/// <remarks>
/// Clients do not load records that name their parent in <c>parentId</c> as a tree, so there is nothing to follow: such siblings are sorted
/// by <c>orderedParentIndex</c>, else by <c>parentIndex</c>, when all of them have it.
/// </remarks>
internal sealed class ImportedOrder
{
    private readonly Dictionary<JsonId, List<Sibling>> _siblings = [];

    /// <summary>Notes a record in the order of the document.</summary>
    /// <param name="record">The record, with its parent.</param>
    /// <param name="row">What it was read from.</param>
    public void Add(DataRecord record, NestedRow row)
    {
        if (!_siblings.TryGetValue(record.Parent, out var siblings))
        {
            siblings = [];
            _siblings.Add(record.Parent, siblings);
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

    /// <summary>All records with their places, numbered from 0 among siblings as the clients number them after a load.</summary>
    public IEnumerable<DataRecord> Placed()
    {
        foreach (var siblings in _siblings.Values)
        {
            // Stable, so equal indexes stay in the order of the document.
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
