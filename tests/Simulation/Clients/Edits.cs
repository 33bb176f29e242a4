namespace ServerlessSync.Simulation.Clients;

/// <summary>Makes change sets as a person at a chart would, against what the client shows.</summary>
internal sealed class Edits(Dice dice, string author)
{
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
        return dice.Below(10) switch
        {
            0 or 1 or 2 or 3 when tasks.Count > 0 => Rename(dice.Pick(tasks)),
            4 when tasks.Count > 2 => Remove(dice.Pick(tasks)),
            5 when tasks.Count > 1 => Link(dice.Pick(tasks), dice.Pick(tasks)),
            6 when tasks.Count > 1 => Move(dice.Pick(tasks), dice.Pick(tasks)),
            7 when phantoms.Count > 0 => Rename(Quote(phantoms[^1])),
            8 when phantoms.Count > 0 => Add(Quote(phantoms[^1])),
            _ => Add(tasks.Count > 0 && dice.Chance(0.5) ? dice.Pick(tasks) : null),
        };
    }

    /// <summary>Forgets records that have no id yet: a dataset has replaced them.</summary>
    public void Forget() => phantoms.Clear();

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

    private string Link(string from, string to) => Both("dependencies", $$"""
        "added":[{"$PhantomId":"_generatedLink_{{author}}-{{count}}","from":{{from}},"to":{{to}}}]
        """.Trim());
}
