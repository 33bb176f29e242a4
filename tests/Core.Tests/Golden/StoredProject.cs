using System.Text.Json;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Golden;

/// <summary>A project as an earlier version stored it; see README.md in <c>Stored</c>.</summary>
internal static class StoredProject
{
    public static IEnumerable<string> Names() =>
        Directory
            .EnumerateFiles(GoldenCase.FolderOf("Stored"), "*.rows.jsonl")
            .Select(static path => Path.GetFileName(path)[..^".rows.jsonl".Length])
            .Order(StringComparer.Ordinal);

    /// <summary>The dataset as served, as JSON text.</summary>
    public static string DatasetOf(string name) => File.ReadAllText(PathOf(name, ".dataset.json")).TrimEnd('\n');

    public static void WriteDataset(string name, string dataset) => File.WriteAllText(PathOf(name, ".dataset.json"), dataset + "\n");

    /// <summary>Storage keys with the ids that they derive from, as JSON text.</summary>
    public static IEnumerable<(string Key, string Id)> Keys() =>
        File.ReadLines(PathOf("keys", ".txt")).Select(static line => line.Split(' ', 2)).Select(static parts => (parts[0], parts[1]));

    /// <summary>Puts its rows into an empty store.</summary>
    public static async Task PutAsync(ITableStore store, string name)
    {
        foreach (var line in Rows(name))
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            var table = TableName.All.Single(table => row.GetProperty("table").ValueEquals(table.Value));
            var properties = row.GetProperty("properties")
                .EnumerateObject()
                .ToDictionary(static property => property.Name, static property => ValueOf(property.Value), StringComparer.Ordinal);
            await store.SubmitAsync(
                table,
                row.GetProperty("partition").GetString()!,
                [new TableAction.Insert(row.GetProperty("row").GetString()!, properties)],
                CancellationToken.None
            );
        }
    }

    // Read at once: in virtual time nothing may wait for a disk.
    private static string[] Rows(string name) => File.ReadAllLines(PathOf(name, ".rows.jsonl"));

    private static TableValue ValueOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetInt64(),
            _ => value.GetProperty("base64").GetBytesFromBase64(),
        };

    private static string PathOf(string name, string ending) => Path.Combine(GoldenCase.FolderOf("Stored"), name + ending);
}
