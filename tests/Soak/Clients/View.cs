using System.Text.Json;

namespace ServerlessSync.Soak.Clients;

/// <summary>The names of a project's tasks, as one who applies every revision has them.</summary>
internal sealed class View
{
    private readonly SortedDictionary<string, string> names = new(StringComparer.Ordinal);

    /// <summary>Ids of the tasks, as JSON text.</summary>
    public IReadOnlyCollection<string> Tasks => names.Keys;

    /// <summary>Everything in one text: two views are equal when these are.</summary>
    public string Text => string.Join('\n', names.Select(static pair => $"{pair.Key} {pair.Value}"));

    public static View Of(JsonElement dataset)
    {
        var view = new View();
        view.Add(dataset.GetProperty("tasksData"));
        return view;
    }

    public View Copy()
    {
        var copy = new View();
        foreach (var (task, name) in names)
        {
            copy.names.Add(task, name);
        }

        return copy;
    }

    public void Apply(JsonElement changes)
    {
        if (changes.TryGetProperty("tasks", out var tasks) && tasks.TryGetProperty("updated", out var updated))
        {
            foreach (var task in updated.EnumerateArray())
            {
                names[task.GetProperty("id").GetRawText()] = task.GetProperty("name").GetString()!;
            }
        }
    }

    private void Add(JsonElement tasks)
    {
        foreach (var task in tasks.EnumerateArray())
        {
            names[task.GetProperty("id").GetRawText()] = task.GetProperty("name").GetString()!;
            if (task.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array)
            {
                Add(children);
            }
        }
    }
}
