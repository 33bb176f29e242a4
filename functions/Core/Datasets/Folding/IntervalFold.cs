using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Folding;

/// <summary>
/// Folds a change set of a calendar's intervals into the plain array that a dataset needs
/// (docs/protocol-facts.md#intervals-of-calendars).
/// </summary>
internal static class IntervalFold
{
    /// <summary>Writes the array.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="old">The array so far as JSON text; empty or no array when there is none.</param>
    /// <param name="changes">The object with <c>added</c>, <c>updated</c>, <c>removed</c>.</param>
    /// <param name="keepPhantoms">Whether the ids that the author made stay beside the real ones.</param>
    /// <param name="rule">When two ids name one interval.</param>
    public static void Write(
        RawJson json,
        ReadOnlySpan<byte> old,
        JsonElement changes,
        bool keepPhantoms,
        IdentityRule rule
    )
    {
        var gone = new HashSet<JsonId>(JsonId.By(rule));
        AddIds(gone, changes, FieldNames.Removed);
        AddIds(gone, changes, FieldNames.Added);
        var updates = new Dictionary<JsonId, JsonElement>(JsonId.By(rule));
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

        // One that is named by the twin of its id keeps its own.
        var keepsId =
            TryReadId(interval, out var known)
            && update.ValueKind == JsonValueKind.Object
            && TryReadId(update, out var named)
            && named != known;
        json.BeginObject();
        foreach (var field in interval.EnumerateObject())
        {
            var name = RecordBuilder.NameOf(field);
            var isChanged =
                update.ValueKind == JsonValueKind.Object
                && update.TryGetProperty(name, out _)
                && !(keepsId && name.SequenceEqual(FieldNames.Id));
            if ((keepPhantoms || !FieldNames.IsPhantom(name)) && !isChanged)
            {
                json.Name(name);
                json.Value(RawText.Of(field.Value));
            }
        }

        if (update.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in update.EnumerateObject().Where(field => !keepsId || !field.NameEquals(FieldNames.Id)))
            {
                json.Name(JsonMarshal.GetRawUtf8PropertyName(field));
                json.Value(RawText.Of(field.Value));
            }
        }

        json.EndObject();
    }

    private static void AddIds(HashSet<JsonId> ids, JsonElement changes, ReadOnlySpan<byte> part)
    {
        foreach (var record in RecordsOf(changes, part))
        {
            if (TryReadId(record, out var id))
            {
                ids.Add(id);
            }
        }
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
