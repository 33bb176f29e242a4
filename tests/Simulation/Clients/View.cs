using System.Text.Json;

namespace ServerlessSync.Simulation.Clients;

/// <summary>
/// What a client shows of a project: names and parents of tasks, ends of links. Written from the protocol's description and
/// not with the product's fold, so that the two can be compared.
/// </summary>
internal sealed class View
{
    private readonly Dictionary<string, (string Name, string? Parent)> tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string From, string To)> links = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Tasks => [.. tasks.Keys];

    public IReadOnlyList<string> Links => [.. links.Keys];

    public static View Of(JsonElement dataset)
    {
        var view = new View();
        if (dataset.TryGetProperty("tasksData", out var roots))
        {
            view.Load(roots, parent: null);
        }

        if (dataset.TryGetProperty("dependenciesData", out var dependencies))
        {
            foreach (var link in dependencies.EnumerateArray())
            {
                view.Link(link);
            }
        }

        return view;
    }

    /// <summary>Applies a revision's user input, as a client does.</summary>
    public void Apply(JsonElement changes)
    {
        if (InputOf(changes, "tasks") is { } taskInput)
        {
            foreach (var record in Part(taskInput, "added").Concat(Part(taskInput, "updated")))
            {
                Put(record, isNew: false);
            }

            foreach (var record in Part(taskInput, "removed"))
            {
                RemoveTask(Id(record, "id")!);
            }
        }

        if (InputOf(changes, "dependencies") is { } linkInput)
        {
            foreach (var record in Part(linkInput, "added"))
            {
                Link(record);
            }

            foreach (var record in Part(linkInput, "removed"))
            {
                links.Remove(Id(record, "id")!);
            }
        }
    }

    /// <summary>Everything that can be seen: a link to nowhere cannot.</summary>
    public string Show()
    {
        var shownTasks = tasks.Select(static pair => $"{pair.Key} '{pair.Value.Name}' in {pair.Value.Parent ?? "root"}");
        var shownLinks = links
            .Where(pair => tasks.ContainsKey(pair.Value.From) && tasks.ContainsKey(pair.Value.To))
            .Select(static pair => $"{pair.Key}: {pair.Value.From} to {pair.Value.To}");
        return string.Join("; ", shownTasks.Concat(shownLinks).Order(StringComparer.Ordinal));
    }

    private static JsonElement? InputOf(JsonElement changes, string store) =>
        changes.TryGetProperty(store, out var part) && part.TryGetProperty("$input", out var input) ? input : null;

    private static IEnumerable<JsonElement> Part(JsonElement input, string name) =>
        input.TryGetProperty(name, out var records) ? records.EnumerateArray() : [];

    private static string? Id(JsonElement record, string field) =>
        record.TryGetProperty(field, out var id) && id.ValueKind != JsonValueKind.Null ? id.GetRawText() : null;

    private void Load(JsonElement records, string? parent)
    {
        foreach (var record in records.EnumerateArray())
        {
            var id = Id(record, "id")!;
            tasks[id] = (record.GetProperty("name").GetString()!, parent);
            if (record.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array)
            {
                Load(children, id);
            }
        }
    }

    private void Put(JsonElement record, bool isNew)
    {
        var id = Id(record, "id")!;
        var isAdded = isNew || record.TryGetProperty("$PhantomId", out _);
        if (!tasks.TryGetValue(id, out var known))
        {
            if (!isAdded)
            {
                return;
            }

            known = (string.Empty, null);
        }

        var name = record.TryGetProperty("name", out var text) ? text.GetString()! : known.Name;
        var parent = record.TryGetProperty("parentId", out _) ? Id(record, "parentId") : known.Parent;
        tasks[id] = (name, parent);
    }

    private void Link(JsonElement record)
    {
        if (Id(record, "from") is { } from && Id(record, "to") is { } to)
        {
            links[Id(record, "id")!] = (from, to);
        }
    }

    private void RemoveTask(string id)
    {
        if (!tasks.Remove(id))
        {
            return;
        }

        foreach (var child in tasks.Where(pair => pair.Value.Parent == id).Select(static pair => pair.Key).ToList())
        {
            RemoveTask(child);
        }
    }
}
