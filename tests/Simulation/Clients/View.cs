using System.Text.Json;

namespace ServerlessSync.Simulation.Clients;

/// <summary>
/// What a client shows of a project: names and parents of tasks, ends of links. It is written from docs/protocol-facts.md and does not use the product's
/// fold, so that the two can be compared. As in a client, records are keyed by the string form of their ids, each keeps the id that it was added with, and
/// a parent is found only under exactly that id.
/// </summary>
internal sealed class View
{
    private readonly Dictionary<string, (string Id, string Name, string? Parent)> tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Id, string From, string To)> links = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Tasks => [.. tasks.Values.Select(static task => task.Id)];

    public IReadOnlyList<string> Links => [.. links.Values.Select(static link => link.Id)];

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

    /// <summary>Applies the <c>$input</c> of a revision, as a client does.</summary>
    public void Apply(JsonElement changes)
    {
        if (InputOf(changes, "tasks") is { } taskInput)
        {
            foreach (var record in Part(taskInput, "added"))
            {
                Put(record, isNew: true);
            }

            foreach (var record in Part(taskInput, "updated"))
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
                links.Remove(Form(Id(record, "id")!));
            }
        }
    }

    /// <summary>Everything visible, as text. Links with a missing end are not visible.</summary>
    /// <param name="unlinked">String forms of the ids of tasks whose links are left out.</param>
    public string Show(IReadOnlySet<string> unlinked)
    {
        var shownTasks = tasks.Values.Select(static task => $"{task.Id} '{task.Name}' in {task.Parent ?? "root"}");
        var shownLinks = links
            .Values.Where(link => tasks.ContainsKey(Form(link.From)) && tasks.ContainsKey(Form(link.To)))
            .Where(link => !unlinked.Contains(Form(link.From)) && !unlinked.Contains(Form(link.To)))
            .Select(link => $"{link.Id}: {tasks[Form(link.From)].Id} to {tasks[Form(link.To)].Id}");
        return string.Join("; ", shownTasks.Concat(shownLinks).Order(StringComparer.Ordinal));
    }

    private static JsonElement? InputOf(JsonElement changes, string store) =>
        changes.TryGetProperty(store, out var part) && part.TryGetProperty("$input", out var input) ? input : null;

    private static IEnumerable<JsonElement> Part(JsonElement input, string name) =>
        input.TryGetProperty(name, out var records) ? records.EnumerateArray() : [];

    // The simulation's ids need no unescaping: the raw JSON text of a number is its string form.
    private static string Form(string id) => id.Trim('"');

    private static string? Id(JsonElement record, string field) =>
        record.TryGetProperty(field, out var id) && id.ValueKind != JsonValueKind.Null ? id.GetRawText() : null;

    private void Load(JsonElement records, string? parent)
    {
        foreach (var record in records.EnumerateArray())
        {
            var id = Id(record, "id")!;
            tasks[Form(id)] = (id, record.GetProperty("name").GetString()!, parent);
            if (record.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array)
            {
                Load(children, id);
            }
        }
    }

    private void Put(JsonElement record, bool isNew)
    {
        var id = Id(record, "id")!;
        if (!tasks.TryGetValue(Form(id), out var known))
        {
            if (!isNew)
            {
                return;
            }

            known = (id, string.Empty, null);
        }

        var name = record.TryGetProperty("name", out var text) ? text.GetString()! : known.Name;
        var parent = record.TryGetProperty("parentId", out _) ? Id(record, "parentId") : known.Parent;
        tasks[Form(id)] = (known.Id, name, parent);
    }

    private void Link(JsonElement record)
    {
        if (Id(record, "from") is { } from && Id(record, "to") is { } to)
        {
            var id = Id(record, "id")!;
            links[Form(id)] = (links.TryGetValue(Form(id), out var known) ? known.Id : id, from, to);
        }
    }

    private void RemoveTask(string id)
    {
        if (!tasks.Remove(Form(id), out var removed))
        {
            return;
        }

        foreach (var child in tasks.Values.Where(task => task.Parent == removed.Id).Select(static task => task.Id).ToList())
        {
            RemoveTask(child);
        }
    }
}
