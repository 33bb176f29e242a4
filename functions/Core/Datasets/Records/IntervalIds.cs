using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// The ids of a calendar's intervals. Each calendar is a store of its own, nested in its record as an array or a change
/// set.
/// </summary>
internal static class IntervalIds
{
    /// <summary>What is wrong with an interval's id in a record; null when nothing is, and for other stores.</summary>
    public static string? FaultOf(string store, JsonElement record)
    {
        if (
            !string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
            || !record.TryGetProperty(FieldNames.Intervals, out var intervals)
        )
        {
            return null;
        }

        var changes = ChangePart.Of(intervals);
        IEnumerable<JsonElement> all =
            intervals.ValueKind == JsonValueKind.Array
                ? intervals.EnumerateArray().Where(static interval => interval.ValueKind == JsonValueKind.Object)
                : changes.Added.Concat(changes.Updated).Concat(changes.Removed);
        return all.Select(FaultOf).FirstOrDefault(static fault => fault is not null);
    }

    /// <summary>
    /// Whether a change set names an interval by an id of the other JSON type. It would mean something else where JSON
    /// types are distinguished.
    /// </summary>
    /// <param name="old">The current intervals as JSON text; empty, or not an array, when there are none.</param>
    /// <param name="changes">The change set.</param>
    public static bool CrossTypes(ReadOnlySpan<byte> old, JsonElement changes)
    {
        var known = new HashSet<JsonId>();
        if (!old.IsEmpty && old[0] == (byte)'[')
        {
            var reader = new Utf8JsonReader(old, new JsonReaderOptions { MaxDepth = DatasetLimits.DepthMax });
            using var array = JsonDocument.ParseValue(ref reader);
            foreach (var interval in array.RootElement.EnumerateArray())
            {
                if (interval.ValueKind == JsonValueKind.Object && ChangePart.TryReadId(interval, FieldNames.Id, out var id))
                {
                    known.Add(id);
                }
            }
        }

        var part = ChangePart.Of(changes);
        foreach (var sent in part.Added.Concat(part.Updated).Concat(part.Removed))
        {
            if (ChangePart.TryReadId(sent, FieldNames.Id, out var id) && known.Contains(id.Twin))
            {
                return true;
            }
        }

        return false;
    }

    private static string? FaultOf(JsonElement interval) =>
        FaultOf(interval, FieldNames.PhantomId) ?? FaultOf(interval, FieldNames.Id);

    private static string? FaultOf(JsonElement interval, ReadOnlySpan<byte> field) =>
        interval.TryGetProperty(field, out var id)
        && id.ValueKind != JsonValueKind.Null
        && RecordIds.TryRead(id, out _) is { } fault
            ? $"the id of an interval is unusable {fault}"
            : null;
}
