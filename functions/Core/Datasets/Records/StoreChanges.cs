using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The changes of one store (docs/protocol-facts.md#change-sets).</summary>
/// <param name="Store">The store's name.</param>
/// <param name="Results">
/// The user's input and the values that the author's scheduling engine derived: the server stores these.
/// </param>
/// <param name="Input">The user's input: other clients apply this part alone.</param>
internal sealed record StoreChanges(string Store, ChangePart Results, ChangePart Input)
{
    /// <summary>Reads all stores of a change set, without the project's fields.</summary>
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
    /// The added records of a decided change set, with the ids under which they are stored. Records that only the
    /// user's input adds are included, since all other clients apply them.
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
