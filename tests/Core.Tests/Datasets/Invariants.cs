using System.Text.Json.Nodes;
using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Tests.Datasets;

/// <summary>What must hold for every dataset that is served.</summary>
internal static class Invariants
{
    public static void AssertSafe(Dataset dataset)
    {
        var shown = JsonNode.Parse(dataset.ToClientJson().Span)!.AsObject();
        var ids = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (key, records) in shown)
        {
            if (records is JsonArray array)
            {
                ids[key] = new HashSet<string>(StringComparer.Ordinal);
                Collect(array, ids[key]);
            }
        }

        foreach (var link in shown["dependenciesData"]!.AsArray())
        {
            Assert.Contains(FormOf(link!["from"]), ids["tasksData"]);
            Assert.Contains(FormOf(link["to"]), ids["tasksData"]);
        }

        Assert.True(IsAcyclic(shown["dependenciesData"]!.AsArray()));
    }

    public static bool IsAcyclic(JsonArray links)
    {
        var edges = links
            .Where(link => link!["active"]?.GetValue<bool>() != false)
            .Select(link => (From: FormOf(link!["from"]), To: FormOf(link["to"])))
            .ToList();
        for (var count = -1; count != edges.Count;)
        {
            count = edges.Count;
            var targets = edges.Select(edge => edge.To).ToHashSet(StringComparer.Ordinal);
            edges.RemoveAll(edge => !targets.Contains(edge.From));
        }

        return edges.Count == 0;
    }

    // A client's register has one record for a form. The ids here are plain: a number is the text that it is written as.
    private static string FormOf(JsonNode? id) => id!.ToString();

    private static void Collect(JsonArray records, HashSet<string> ids)
    {
        foreach (var record in records)
        {
            Assert.True(ids.Add(FormOf(record!["id"])), $"{record["id"]} is there twice");
            Assert.Null(record["parentId"]);
            if (record["children"] is JsonArray children)
            {
                Collect(children, ids);
            }
        }
    }
}
