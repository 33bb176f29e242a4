using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>The three lists of a store's changes: either the results or the user's input.</summary>
internal sealed class ChangePart
{
    private ChangePart(
        IReadOnlyList<JsonElement> added,
        IReadOnlyList<JsonElement> updated,
        IReadOnlyList<JsonElement> removed
    )
    {
        Added = added;
        Updated = updated;
        Removed = removed;
    }

    /// <summary>New records, and existing ones that the author believes to be new.</summary>
    public IReadOnlyList<JsonElement> Added { get; }

    /// <summary>Changed fields of records.</summary>
    public IReadOnlyList<JsonElement> Updated { get; }

    /// <summary>Removed records, by id.</summary>
    public IReadOnlyList<JsonElement> Removed { get; }

    /// <summary>The number of records in all three lists.</summary>
    public int Count => Added.Count + Updated.Count + Removed.Count;

    /// <summary>Reads the lists; anything but a list of objects counts as empty.</summary>
    public static ChangePart Of(JsonElement part) =>
        new(
            RecordsOf(part, FieldNames.Added),
            RecordsOf(part, FieldNames.Updated),
            RecordsOf(part, FieldNames.Removed)
        );

    /// <summary>The id that a record states.</summary>
    public static bool TryReadId(JsonElement record, ReadOnlySpan<byte> field, out JsonId id)
    {
        id = default;
        return record.TryGetProperty(field, out var value) && RawText.TryReadId(value, out id);
    }

    private static List<JsonElement> RecordsOf(JsonElement part, ReadOnlySpan<byte> name) =>
        part.ValueKind == JsonValueKind.Object
        && part.TryGetProperty(name, out var records)
        && records.ValueKind == JsonValueKind.Array
            ? [.. records.EnumerateArray().Where(record => record.ValueKind == JsonValueKind.Object)]
            : [];
}
