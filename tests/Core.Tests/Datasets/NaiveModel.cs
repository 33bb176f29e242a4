using System.Text.Json.Nodes;

namespace ServerlessSync.Core.Tests.Datasets;

/// <summary>
/// What a project shows, worked out as plainly as can be: lists of JSON objects, searched from end to end. Shares nothing with the product
/// but the description of the protocol.
/// </summary>
internal sealed class NaiveModel
{
    private const int Last = int.MaxValue;

    private static readonly string[] Trees = ["tasks", "resources", "calendars"];

    private readonly SortedDictionary<string, List<Entry>> stores = new(StringComparer.Ordinal);
    private JsonObject project = [];

    public NaiveModel(string dataset) => Load(dataset);

    public void Load(string dataset)
    {
        stores.Clear();
        project = [];
        foreach (var (name, value) in JsonNode.Parse(dataset)!.AsObject())
        {
            if (name is "project")
            {
                project = value!.DeepClone().AsObject();
            }
            else
            {
                Nest(StoreOf(name), value!.AsArray(), parent: null);
            }
        }
    }

    /// <summary>Applies what the server stores of a decided change set.</summary>
    public void ApplyAsServer(JsonNode changes, bool cut) => Apply(changes.AsObject(), part => cut ? part["$input"]?.AsObject() : part);

    /// <summary>Applies what a client that did not write it takes from a change set.</summary>
    public void ApplyAsClient(JsonNode changes)
    {
        foreach (var (name, part) in changes.AsObject().Where(static each => each.Key is not "project"))
        {
            if (part!["$input"] is JsonObject input)
            {
                ApplyTo(name, [.. Records(input, "added")], input);
            }
        }
    }

    public JsonObject Shown()
    {
        var shown = new JsonObject { ["project"] = project.DeepClone() };
        foreach (var (name, entries) in stores)
        {
            shown[name + "Data"] = name switch
            {
                "tasks" or "resources" or "calendars" => Tree(entries, parent: null),
                "dependencies" => Links(entries),
                "assignments" => Flat(entries.Where(entry => Has("tasks", entry.Fields["event"]) && Has("resources", entry.Fields["resource"]))),
                _ => Flat(entries),
            };
        }

        return shown;
    }

    private void Apply(JsonObject changes, Func<JsonObject, JsonObject?> told)
    {
        foreach (var (name, node) in changes)
        {
            var part = node!.AsObject();
            if (name is "project")
            {
                foreach (var (field, value) in told(part) ?? [])
                {
                    project[field] = value?.DeepClone();
                }
            }
            else
            {
                List<JsonObject> added = [.. Records(part, "added")];
                added.AddRange(
                    Records(part["$input"] as JsonObject, "added").Where(one => added.TrueForAll(other => !IsOne(IdOf(other), IdOf(one))))
                );
                ApplyTo(name, added, told(part));
            }
        }
    }

    private void ApplyTo(string name, List<JsonObject> added, JsonObject? told)
    {
        var entries = StoreOf(name);
        foreach (var record in added.Where(record => entries.Exists(entry => IsOne(entry.Id, IdOf(record)))).ToList())
        {
            Update(name, entries, record);
            added.Remove(record);
        }

        var isTree = Trees.Contains(name, StringComparer.Ordinal);
        foreach (var record in isTree ? added.OrderBy(OrderOf) : added.OrderBy(static _ => 0))
        {
            Insert(entries, record, isTree);
        }

        // Age is the order in the list, not that of the places.
        var newest = added.Select(IdOf).ToList();
        var inOrder = entries.OrderBy(entry => newest.FindIndex(id => IsOne(id, entry.Id))).ToList();
        entries.Clear();
        entries.AddRange(inOrder);

        foreach (var record in Records(told, "updated"))
        {
            Update(name, entries, record);
        }

        foreach (var record in Records(told, "removed"))
        {
            Remove(entries, IdOf(record));
        }
    }

    private static void Insert(List<Entry> entries, JsonObject record, bool isTree)
    {
        var entry = new Entry(IdOf(record)) { Parent = isTree ? record["parentId"]?.ToJsonString() : null };
        entry.Take(record, isTree);
        if (isTree && entry.Order != Last && entries.Exists(other => other.Parent == entry.Parent && other.Order == entry.Order))
        {
            foreach (var other in entries.Where(other => other.Parent == entry.Parent && other.Order >= entry.Order && other.Order < Last))
            {
                other.Order++;
            }
        }

        entries.Add(entry);
    }

    private static void Update(string name, List<Entry> entries, JsonObject record)
    {
        if (entries.Find(entry => IsOne(entry.Id, IdOf(record))) is not { } known)
        {
            return;
        }

        var isTree = Trees.Contains(name, StringComparer.Ordinal);
        var isNewest = name is "dependencies" && (record.ContainsKey("from") || record.ContainsKey("to") || record.ContainsKey("active"));
        if (isTree && record.ContainsKey("parentId") && record["parentId"]?.ToJsonString() != known.Parent)
        {
            known.Parent = record["parentId"]?.ToJsonString();
            known.Order = Last;
            known.ShowsOrder = false;
            isNewest = true;
        }

        known.Take(record, isTree);
        if (isNewest)
        {
            entries.Remove(known);
            entries.Add(known);
        }
    }

    private static void Remove(List<Entry> entries, string id)
    {
        if (entries.Find(entry => IsOne(entry.Id, id)) is not { } known)
        {
            return;
        }

        foreach (var child in entries.Where(entry => entry.Parent == known.Id).ToList())
        {
            Remove(entries, child.Id);
        }

        entries.Remove(known);
    }

    private static void Nest(List<Entry> entries, JsonArray records, string? parent)
    {
        var place = 0;
        foreach (var record in records.Select(static record => record!.AsObject()))
        {
            // The array counts, whatever the record says of its place.
            var entry = new Entry(IdOf(record)) { Parent = parent };
            entry.Take(record, isTree: true);
            entry.Order = place++;
            entries.Add(entry);
            Nest(entries, record["children"]?.AsArray() ?? [], entry.Id);
        }
    }

    private static JsonArray Tree(List<Entry> entries, string? parent) =>
        [
            .. entries
                .Where(entry => entry.Parent == parent)
                .OrderBy(static entry => entry.Order)
                .Select(entry =>
                {
                    var record = entry.Show();
                    if (Tree(entries, entry.Id) is { Count: > 0 } children)
                    {
                        record["children"] = children;
                    }

                    return (JsonNode)record;
                }),
        ];

    private JsonArray Links(List<Entry> entries)
    {
        var shown = new JsonArray();
        var on = new List<(string From, string To)>();
        foreach (var entry in entries.Where(entry => Has("tasks", entry.Fields["from"]) && Has("tasks", entry.Fields["to"])))
        {
            var record = entry.Show();
            if (record["active"]?.GetValue<bool>() != false)
            {
                var link = (Named("tasks", entry.Fields["from"])!.Id, Named("tasks", entry.Fields["to"])!.Id);
                if (Reaches(on, link.Item2, link.Item1))
                {
                    record["active"] = false;
                }
                else
                {
                    on.Add(link);
                }
            }

            shown.Add((JsonNode)record);
        }

        return shown;
    }

    // Whether the dates of a task depend on what constrains another: "in:x" is what constrains x, "out:x" are its dates.
    private bool Reaches(List<(string From, string To)> links, string start, string goal)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { "in:" + start };
        for (var count = 0; count != reached.Count;)
        {
            count = reached.Count;
            foreach (var task in stores["tasks"])
            {
                Spread("in:" + task.Id, "out:" + task.Id);
                if (task.Parent is not null)
                {
                    Spread("in:" + task.Parent, "in:" + task.Id);
                    Spread("out:" + task.Id, "out:" + task.Parent);
                }
            }

            foreach (var (from, to) in links)
            {
                Spread("out:" + from, "in:" + to);
            }
        }

        return reached.Contains("out:" + goal);

        void Spread(string from, string to)
        {
            if (reached.Contains(from))
            {
                reached.Add(to);
            }
        }
    }

    private bool Has(string store, JsonNode? id) => Named(store, id) is not null;

    private Entry? Named(string store, JsonNode? id) =>
        id is not null && stores.TryGetValue(store, out var entries) ? entries.Find(entry => IsOne(entry.Id, id.ToJsonString())) : null;

    // The ids here are plain: a number is the text that it is written as.
    private static bool IsOne(string left, string right) => left.Trim('"') == right.Trim('"');

    private List<Entry> StoreOf(string name)
    {
        if (!stores.TryGetValue(name, out var entries))
        {
            stores[name] = entries = [];
        }

        return entries;
    }

    private static JsonArray Flat(IEnumerable<Entry> entries) => [.. entries.Select(static entry => (JsonNode)entry.Show())];

    private static IEnumerable<JsonObject> Records(JsonObject? part, string list) =>
        (part?[list] as JsonArray ?? []).Select(static record => record!.AsObject());

    private static string IdOf(JsonObject record) => record["id"]!.ToJsonString();

    private static int OrderOf(JsonObject record) => record["orderedParentIndex"]?.GetValue<int>() ?? Last;

    private sealed class Entry(string id)
    {
        public string Id { get; } = id;

        public string? Parent { get; set; }

        public int Order { get; set; } = Last;

        public bool ShowsOrder { get; set; }

        public JsonObject Fields { get; } = [];

        public void Take(JsonObject record, bool isTree)
        {
            foreach (var (name, value) in record)
            {
                if (isTree && name is "orderedParentIndex")
                {
                    Order = value!.GetValue<int>();
                    ShowsOrder = true;
                }
                else if (name is not ("id" or "$PhantomId" or "children") && !(isTree && name is "parentId"))
                {
                    Fields[name] = value?.DeepClone();
                }
            }
        }

        public JsonObject Show()
        {
            var record = Fields.DeepClone().AsObject();
            record["id"] = JsonNode.Parse(Id);
            if (ShowsOrder)
            {
                record["orderedParentIndex"] = Order;
            }

            return record;
        }
    }
}
