using System.Text.Json;

namespace ServerlessSync.Core.Data;

/// <summary>The changes of one store (bryntum-protocol.md 3).</summary>
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
}
