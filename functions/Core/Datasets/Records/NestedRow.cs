using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>A record of an imported store.</summary>
/// <param name="Element">The record.</param>
/// <param name="Parent">The position, in document order, of the record in which it is nested; -1 for none.</param>
internal readonly record struct NestedRow(JsonElement Element, int Parent)
{
    /// <summary>All records of a store in document order; in a tree store, parents before their children.</summary>
    public static IEnumerable<NestedRow> AllOf(RecordStore store, JsonElement rows)
    {
        var open = new Stack<(IEnumerator<JsonElement> Rows, int Parent)>();
        open.Push((rows.EnumerateArray(), -1));
        var position = 0;
        while (open.TryPeek(out var level))
        {
            if (!level.Rows.MoveNext())
            {
                open.Pop().Rows.Dispose();
                continue;
            }

            var row = level.Rows.Current;
            yield return new NestedRow(row, level.Parent);
            if (
                store.IsTree
                && row.ValueKind == JsonValueKind.Object
                && row.TryGetProperty(FieldNames.Children, out var children)
                && children.ValueKind == JsonValueKind.Array
            )
            {
                open.Push((children.EnumerateArray(), position));
            }

            position++;
        }
    }
}
