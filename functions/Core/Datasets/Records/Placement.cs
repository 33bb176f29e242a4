using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>Where a record that was sent wants to stand in its tree.</summary>
/// <param name="StatesParent">Whether it names a parent, or says with <c>null</c> that it is a root.</param>
/// <param name="Parent">The parent; empty for a root.</param>
/// <param name="Order">The field <c>orderedParentIndex</c> when it is a plain integer.</param>
/// <param name="StatesOrder">Whether there is such a field at all.</param>
/// <param name="ParentIndex">The field <c>parentIndex</c> when it is a plain integer.</param>
internal readonly record struct Placement(
    bool StatesParent,
    JsonId Parent,
    int? Order,
    bool StatesOrder,
    int? ParentIndex
)
{
    /// <summary>Reads the fields of a record; a parent that is no usable id counts as not stated.</summary>
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

    /// <summary>The record at its new place; what is not stated stays. The parent is the caller's to decide.</summary>
    public DataRecord ApplyTo(DataRecord record)
    {
        var placed = ParentIndex is { } index ? record with { ParentIndex = index } : record;
        if (StatesOrder)
        {
            placed = placed with { Order = Order ?? placed.ParentIndex, OrderIsField = Order is not null };
        }
        else if (ParentIndex is { } only && !placed.OrderIsField)
        {
            // Clients that do not keep orderedParentIndex say the order in parentIndex alone.
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
