using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The position in its tree that a sent record requests.</summary>
/// <param name="StatesParent">Whether it names a parent, or is a root by <c>null</c>.</param>
/// <param name="Parent">The parent; empty for a root.</param>
/// <param name="Order">The field <c>orderedParentIndex</c> when it is a plain integer.</param>
/// <param name="StatesOrder">Whether the field exists, with any value.</param>
/// <param name="ParentIndex">The field <c>parentIndex</c> when it is a plain integer.</param>
internal readonly record struct Placement(
    bool StatesParent,
    JsonId Parent,
    int? Order,
    bool StatesOrder,
    int? ParentIndex
)
{
    /// <summary>Reads the fields of a record. A parent that is not a usable id counts as not stated.</summary>
    public static Placement Of(JsonElement sent)
    {
        var parent = default(JsonId);
        var statesParent =
            sent.TryGetProperty(FieldNames.ParentId, out var parentId)
            && (parentId.ValueKind == JsonValueKind.Null || RawText.TryReadId(parentId, out parent));
        var statesOrder = sent.TryGetProperty(FieldNames.OrderedParentIndex, out var order);
        return new Placement(
            statesParent,
            parent,
            statesOrder ? IntegerOf(order) : null,
            statesOrder,
            sent.TryGetProperty(FieldNames.ParentIndex, out var index) ? IntegerOf(index) : null
        );
    }

    /// <summary>
    /// The record at its new position; fields that are not stated stay. The caller decides the parent.
    /// </summary>
    public DataRecord ApplyTo(DataRecord record)
    {
        var placed = ParentIndex is { } index ? record with { ParentIndex = index } : record;
        if (StatesOrder)
        {
            placed = placed with { Order = Order ?? placed.ParentIndex, OrderIsField = Order is not null };
        }
        else if (ParentIndex is { } only && !placed.OrderIsField)
        {
            // Clients that do not maintain orderedParentIndex state the order in parentIndex alone.
            placed = placed with
            {
                Order = only,
            };
        }

        return placed;
    }

    private static int? IntegerOf(JsonElement value) =>
        RawText.TryReadInteger(RawText.Of(value), out var number) ? number : null;
}
