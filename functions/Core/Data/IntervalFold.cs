using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Folds a change set of a calendar's intervals into the plain array that a dataset needs (bryntum-protocol.md 3.1).
/// </summary>
internal static class IntervalFold
{
    /// <summary>Writes the array.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="old">The array so far as JSON text; empty or no array when there is none.</param>
    /// <param name="changes">The object with <c>added</c>, <c>updated</c>, <c>removed</c>.</param>
    /// <param name="keepPhantoms">Whether the ids that the author made stay beside the real ones.</param>
    public static void Write(RawJson json, ReadOnlySpan<byte> old, JsonElement changes, bool keepPhantoms)
    {
        var gone = IdsOf(changes, FieldNames.Removed);
        gone.UnionWith(IdsOf(changes, FieldNames.Added));
        var updates = new Dictionary<JsonId, JsonElement>();
        foreach (var update in RecordsOf(changes, FieldNames.Updated))
        {
            if (TryReadId(update, out var id))
            {
                updates[id] = update;
            }
        }

        json.BeginArray();
        if (!old.IsEmpty && old[0] == (byte)'[')
        {
            var reader = new Utf8JsonReader(old, new JsonReaderOptions { MaxDepth = DatasetLimits.DepthMax });
            using var array = JsonDocument.ParseValue(ref reader);
            foreach (var interval in array.RootElement.EnumerateArray())
            {
                var known = TryReadId(interval, out var id);
                if (!known || !gone.Contains(id))
                {
                    WriteMerged(json, interval, known ? updates.GetValueOrDefault(id) : default, keepPhantoms);
                }
            }
        }

        foreach (var interval in RecordsOf(changes, FieldNames.Added))
        {
            WriteMerged(json, interval, default, keepPhantoms);
        }

        json.EndArray();
    }

    /// <summary>Writes an array that was sent whole, without the ids that its author made.</summary>
    public static void WriteWhole(RawJson json, JsonElement intervals)
    {
        json.BeginArray();
        foreach (var interval in intervals.EnumerateArray())
        {
            WriteMerged(json, interval, default, keepPhantoms: false);
        }

        json.EndArray();
    }

    private static void WriteMerged(RawJson json, JsonElement interval, JsonElement update, bool keepPhantoms)
    {
        if (interval.ValueKind != JsonValueKind.Object)
        {
            json.Value(RawText.Of(interval));
            return;
        }

        json.BeginObject();
        foreach (var field in interval.EnumerateObject())
        {
            var name = RecordBuilder.NameOf(field);
            var isChanged = update.ValueKind == JsonValueKind.Object && update.TryGetProperty(name, out _);
            if ((keepPhantoms || !FieldNames.IsPhantom(name)) && !isChanged)
            {
                json.Name(name);
                json.Value(RawText.Of(field.Value));
            }
        }

        if (update.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in update.EnumerateObject())
            {
                json.Name(JsonMarshal.GetRawUtf8PropertyName(field));
                json.Value(RawText.Of(field.Value));
            }
        }

        json.EndObject();
    }

    private static HashSet<JsonId> IdsOf(JsonElement changes, ReadOnlySpan<byte> part)
    {
        var ids = new HashSet<JsonId>();
        foreach (var record in RecordsOf(changes, part))
        {
            if (TryReadId(record, out var id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    private static bool TryReadId(JsonElement record, out JsonId id)
    {
        id = default;
        return record.ValueKind == JsonValueKind.Object
            && record.TryGetProperty(FieldNames.Id, out var value)
            && RawText.TryReadId(value, out id);
    }

    private static IEnumerable<JsonElement> RecordsOf(JsonElement changes, ReadOnlySpan<byte> part) =>
        changes.TryGetProperty(part, out var records) && records.ValueKind == JsonValueKind.Array
            ? records.EnumerateArray().Where(record => record.ValueKind == JsonValueKind.Object)
            : [];
}
