using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessSync.Infra.Tests;

/// <summary>The resources that a deployment would make. Values that only Azure knows are expressions in brackets.</summary>
internal sealed record Snapshot(string Text, JsonObject Json)
{
    // For reading in a review: quotation marks and ampersands as they are.
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public IReadOnlyList<JsonObject> Resources =>
        [.. Json["predictedResources"]!.AsArray().Select(resource => resource!.AsObject())];

    public static Snapshot Read(string text)
    {
        var json = JsonNode.Parse(text)!.AsObject();
        // The compiler writes the outputs in another order each time.
        var outputs = json["outputs"]!.AsObject().OrderBy(output => output.Key, StringComparer.Ordinal);
        json["outputs"] = new JsonObject(
            outputs.Select(output => KeyValuePair.Create(output.Key, output.Value?.DeepClone()))
        );
        return new Snapshot(json.ToJsonString(Readable) + "\n", json);
    }

    public IReadOnlyList<JsonObject> Of(string type) =>
        [.. Resources.Where(resource => string.Equals((string?)resource["type"], type, StringComparison.Ordinal))];

    public JsonObject Single(string type) => Assert.Single(Of(type));

    /// <summary>A value by its path, such as <c>properties.sku.name</c>.</summary>
    public static JsonNode? At(JsonNode? node, string path)
    {
        foreach (var name in path.Split('.'))
        {
            node = node?[name];
        }

        return node;
    }

    public static string? TextAt(JsonNode? node, string path) => (string?)At(node, path);

    /// <summary>The app settings by name.</summary>
    public IReadOnlyDictionary<string, string> Settings() =>
        At(Single("Microsoft.Web/sites"), "properties.siteConfig.appSettings")!
            .AsArray()
            .ToDictionary(
                setting => (string)setting!["name"]!,
                setting => (string)setting!["value"]!,
                StringComparer.Ordinal
            );

    /// <summary>The one event handler of the one hub.</summary>
    public JsonObject EventHandler() =>
        Assert
            .Single(At(Single("Microsoft.SignalRService/webPubSub/hubs"), "properties.eventHandlers")!.AsArray())!
            .AsObject();
}
