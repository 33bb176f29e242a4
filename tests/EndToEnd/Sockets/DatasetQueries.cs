using System.Text.Json;

namespace ServerlessSync.EndToEnd.Sockets;

/// <summary>Finds records in a dataset as sent over the wire, tasks below tasks.</summary>
internal static class DatasetQueries
{
    /// <summary>The task with an id (JSON text), anywhere in the tree; null when there is none.</summary>
    public static JsonElement? Task(this Frame frame, string id) =>
        Tasks(frame.Dataset.GetProperty("tasksData")).Cast<JsonElement?>().FirstOrDefault(task => IdOf(task!.Value) == id);

    public static string? TaskName(this Frame frame, string id) => frame.Task(id)?.GetProperty("name").GetString();

    public static IEnumerable<JsonElement> Tasks(this Frame frame) => Tasks(frame.Dataset.GetProperty("tasksData"));

    /// <summary>The record of a flat store with an id (JSON text).</summary>
    public static JsonElement? Record(this Frame frame, string store, string id) =>
        frame
            .Dataset.GetProperty(store)
            .EnumerateArray()
            .Cast<JsonElement?>()
            .FirstOrDefault(record => IdOf(record!.Value) == id);

    private static string IdOf(JsonElement record) => record.GetProperty("id").GetRawText();

    private static IEnumerable<JsonElement> Tasks(JsonElement list)
    {
        foreach (var task in list.EnumerateArray())
        {
            yield return task;
            if (task.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array)
            {
                foreach (var below in Tasks(children))
                {
                    yield return below;
                }
            }
        }
    }
}
