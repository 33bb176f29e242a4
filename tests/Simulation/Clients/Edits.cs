namespace ServerlessSync.Simulation.Clients;

/// <summary>Makes change sets as a user would, based on what the client shows.</summary>
internal sealed class Edits(Dice dice, string author)
{
    // Applications may keep ids in DOM attributes, where all are strings, or parse numbers from them.
    private const double OtherTypeChance = 0.15;
    private const double TwinChance = 0.1;

    private readonly List<string> phantoms = [];
    private int count;

    /// <summary>The next change set; one that the server must refuse when <paramref name="broken"/>.</summary>
    public string Next(View view, bool broken)
    {
        count++;
        if (broken)
        {
            return """{"tasks":{"added":"none"}}""";
        }

        var tasks = view.Tasks;
        if (tasks.Count > 0 && dice.Below(12) == 0)
        {
            return Staff(dice.Pick(tasks), $"\"r{dice.Between(1, 3)}\"");
        }

        return dice.Below(10) switch
        {
            0 when tasks.Count > 0 && dice.Chance(TwinChance) => AddTwin(dice.Pick(tasks)),
            0 or 1 or 2 or 3 when tasks.Count > 0 => Rename(Pick(tasks)),
            4 when tasks.Count > 2 => Remove(Pick(tasks)),
            5 when tasks.Count > 1 => Link(Pick(tasks), Pick(tasks)),
            6 when tasks.Count > 1 => Move(Pick(tasks), Pick(tasks)),
            7 when phantoms.Count > 0 => Rename(Quote(phantoms[^1])),
            8 when phantoms.Count > 0 => Add(Quote(phantoms[^1])),
            _ => Add(tasks.Count > 0 && dice.Chance(0.5) ? Pick(tasks) : null),
        };
    }

    /// <summary>Forgets records without a server id: a dataset has replaced them.</summary>
    public void Forget() => phantoms.Clear();

    private string Pick(IReadOnlyList<string> ids)
    {
        var id = dice.Pick(ids);
        return dice.Chance(OtherTypeChance) ? OtherType(id) : id;
    }

    /// <summary>The id of the other JSON type with the same string form; the id itself when there is none.</summary>
    private static string OtherType(string id) =>
        !id.StartsWith('"') ? Quote(id)
        : id.Trim('"').All(char.IsAsciiDigit) ? id.Trim('"')
        : id;

    /// <summary>Adds a record under the id of a known one, which clients treat as an update.</summary>
    private string AddTwin(string id) => Both("tasks", $$"""
        "added":[{"id":{{OtherType(id)}},"name":"{{author}}-{{count}}"}]
        """.Trim());

    private static string Quote(string text) => $"\"{text}\"";

    private static string Both(string store, string part) =>
        string.Concat("{\"", store, "\":{", part, ",\"$input\":{", part, "}}}");

    private string Rename(string id) => Both("tasks", $$"""
        "updated":[{"id":{{id}},"name":"{{author}}-{{count}}"}]
        """.Trim());

    private static string Remove(string id) => Both("tasks", $$"""
        "removed":[{"id":{{id}}}]
        """.Trim());

    private string Move(string id, string parent) => Both("tasks", $$"""
        "updated":[{"id":{{id}},"parentId":{{parent}},"name":"{{author}}-{{count}}"}]
        """.Trim());

    private string Add(string? parent)
    {
        var phantom = $"_generatedTask_{author}-{count}";
        phantoms.Add(phantom);
        var place = parent is null ? string.Empty : $",\"parentId\":{parent}";
        return Both("tasks", $$"""
            "added":[{"$PhantomId":"{{phantom}}","name":"{{author}}-{{count}}"{{place}}}]
            """.Trim());
    }

    /// <summary>Removes a resource, adds it again, or assigns it, without checking whether it exists: other pages do the same concurrently.</summary>
    private string Staff(string task, string resource) =>
        dice.Below(4) switch
        {
            0 => Both("resources", $$"""
                "removed":[{"id":{{resource}}}]
                """.Trim()),
            1 => Both("resources", $$"""
                "added":[{"$PhantomId":{{resource}}}]
                """.Trim()),
            _ => Both("assignments", $$"""
                "added":[{"$PhantomId":"_generatedAssignment_{{author}}-{{count}}","event":{{task}},"resource":{{resource}}}]
                """.Trim()),
        };

    private string Link(string from, string to) => Both("dependencies", $$"""
        "added":[{"$PhantomId":"_generatedLink_{{author}}-{{count}}","from":{{from}},"to":{{to}}}]
        """.Trim());
}
