using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The changes of one store (docs/protocol-facts.md#change-sets).</summary>
/// <param name="Store">The store's name.</param>
/// <param name="Results">What the user did and what the author's engine derived: what the server stores.</param>
/// <param name="Input">What the user did: all that other clients apply.</param>
internal sealed record StoreChanges(string Store, ChangePart Results, ChangePart Input)
{
    /// <summary>Reads all stores of a change set; the project's fields are none.</summary>
    public static IReadOnlyList<StoreChanges> AllOf(JsonElement changes) =>
        [
            .. changes
                .EnumerateObject()
                .Where(part => !part.NameEquals(StoreNames.Project) && part.Value.ValueKind == JsonValueKind.Object)
                .Select(part => new StoreChanges(
                    part.Name,
                    ChangePart.Of(part.Value),
                    ChangePart.Of(part.Value.TryGetProperty(FieldNames.Input, out var input) ? input : default)
                )),
        ];

    /// <summary>
    /// The added records of a decided change set, with the ids under which they are kept. One that only the user's part adds is one that all
    /// other clients have, so it belongs to them.
    /// </summary>
    /// <param name="store">The store as it is; null when there is none.</param>
    /// <param name="rule">When two ids name one record.</param>
    public IReadOnlyList<(JsonId Id, JsonElement Record)> AllAdded(RecordStore? store, IdentityRule rule)
    {
        var added = new List<(JsonId, JsonElement)>();
        var ids = new Dictionary<JsonId, JsonId>(JsonId.By(rule));
        foreach (var record in Results.Added)
        {
            if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                var id = store?.Locate(stated, rule) ?? stated;
                added.Add((ids.TryAdd(id, id) ? id : ids[id], record));
            }
        }

        foreach (var record in Input.Added)
        {
            if (ChangePart.TryReadId(record, FieldNames.Id, out var stated))
            {
                var id = store?.Locate(stated, rule) ?? stated;
                if (ids.TryAdd(id, id))
                {
                    added.Add((id, record));
                }
            }
        }

        return added;
    }
}
