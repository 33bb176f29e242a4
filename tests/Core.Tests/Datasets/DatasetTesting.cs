using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Datasets.Snapshots;

namespace ServerlessSync.Core.Tests.Datasets;

/// <summary>Helpers for the tests of datasets.</summary>
internal static class DatasetTesting
{
    public static Dataset Load(string json) =>
        Dataset.Parse(Encoding.UTF8.GetBytes(json)) switch
        {
            DatasetResult.Parsed parsed => parsed.Dataset,
            DatasetResult.Malformed malformed => throw new InvalidOperationException(malformed.Reason),
            _ => throw new InvalidOperationException("No such result."),
        };

    public static Dataset Empty() => Load("{}");

    public static string Fault(string json) =>
        Assert.IsType<DatasetResult.Malformed>(Dataset.Parse(Encoding.UTF8.GetBytes(json))).Reason;

    public static string Shown(this Dataset dataset) => Encoding.UTF8.GetString(dataset.ToClientJson().Span);

    public static JsonNode Shown(this Dataset dataset, string key) => JsonNode.Parse(dataset.ToClientJson().Span)![key]!;

    public static string Snapshot(this Dataset dataset)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            dataset.WriteSnapshot(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static Dataset Reloaded(this Dataset dataset) => ReadSnapshot(dataset.Snapshot());

    public static Dataset ReadSnapshot(string snapshot)
    {
        var json = Encoding.UTF8.GetBytes(snapshot);
        var reader = new Utf8JsonReader(json);
        return Dataset.ReadSnapshot(ref reader, json);
    }

    public static ChangeDecision.Accepted Accept(this Dataset dataset, string changes, long revision = 1, bool isResolution = false) =>
        dataset.Decide(Encoding.UTF8.GetBytes(changes), revision, isResolution) switch
        {
            ChangeDecision.Accepted accepted => accepted,
            ChangeDecision.Refused refused => throw new InvalidOperationException(refused.Reason),
            _ => throw new InvalidOperationException("No such decision."),
        };

    public static string Text(this ChangeDecision.Accepted accepted) => Encoding.UTF8.GetString(accepted.Changes.Span);

    public static JsonNode Node(this ChangeDecision.Accepted accepted) => JsonNode.Parse(accepted.Changes.Span)!;

    public static string Refusal(this Dataset dataset, string changes) =>
        Assert.IsType<ChangeDecision.Refused>(dataset.Decide(Encoding.UTF8.GetBytes(changes), 1)).Reason;

    /// <summary>Decides and applies, as the engine does.</summary>
    public static ChangeDecision.Accepted Submit(this Dataset dataset, string changes, long revision, bool isResolution = false)
    {
        var accepted = dataset.Accept(changes, revision, isResolution);
        dataset.Apply(accepted.Changes, accepted.Cut);
        return accepted;
    }

    /// <summary>The tree of a store as <c>id(child,child)</c>.</summary>
    public static string Tree(this Dataset dataset, string key = "tasksData") => TreeOf(dataset.Shown(key).AsArray());

    private static string TreeOf(JsonArray records) =>
        string.Join(
            ',',
            records.Select(record =>
                record!["id"]!.ToString()
                + (record["children"] is JsonArray { Count: > 0 } children ? $"({TreeOf(children)})" : string.Empty)
            )
        );
}
