using System.Text.Json;

namespace ServerlessSync.Soak.Clients;

/// <summary>The names of a project's tasks after every revision so far.</summary>
internal sealed class View
{
    private readonly SortedDictionary<string, string> names = new(StringComparer.Ordinal);

    /// <summary>Task ids as JSON texts.</summary>
    public IReadOnlyCollection<string> Tasks => names.Keys;

    /// <summary>The whole view as one text: two views are equal when their texts are.</summary>
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
