using System.Text.Json.Nodes;
using CsCheck;

namespace ServerlessSync.Core.Tests.Datasets;

/// <summary>Histories of several authors with stale state: links to removed records, repeated adds, crossing moves.</summary>
internal static class RandomHistory
{
    public const string Base =
        """{"tasks":[{"id":"t0","children":[{"id":"t1"},{"id":2}]},{"id":"t3"}],"dependencies":[{"id":1,"from":"t1","to":2}],"project":{"a":1}}""";

    private static readonly string[] Phantoms = ["_generatedA", "_generatedB", "_generatedC", "_generatedD", "p", "q"];

    private static readonly Gen<string> Id = Gen.OneOf<string>(
        Gen.OneOf("\"t0\"", "\"t1\"", "2", "\"2\"", "\"t3\"", "\"tasks-1\"", "\"tasks-2\"", "\"tasks-3-2\"", "\"gone\""),
        Gen.OneOf(Phantoms).Select(phantom => $"\"{phantom}\"")
    );

    private static readonly Gen<string> Parent = Gen.Frequency((2, Gen.Const("null")), (5, Id));

    private static readonly Gen<string> Added = Gen.Select(
        Gen.Frequency((6, Gen.OneOf(Phantoms).Select(phantom => $"\"{phantom}\"")), (2, Id)),
        Parent,
        Gen.Int[0, 4],
        (phantom, parent, index) =>
            $$"""{"$PhantomId":{{phantom}},"parentId":{{parent}},"orderedParentIndex":{{index}},"n":{{index}}.0}"""
    );

    private static readonly Gen<string> Moved = Gen.Select(
        Id,
        Parent,
        Gen.Int[0, 4],
        (id, parent, index) =>
            $$"""{"id":{{id}},"parentId":{{parent}},"orderedParentIndex":{{index}},"f{{index}}":{{index}}.50}"""
    );

    private static readonly Gen<string> Removed = Id.Select(id => $$"""{"id":{{id}}}""");

    private static readonly Gen<string> Link = Gen.Select(
        Gen.OneOf("_generatedL1", "_generatedL2", "_generatedL3"),
        Id,
        Id,
        (phantom, from, to) => $$"""{"$PhantomId":"{{phantom}}","from":{{from}},"to":{{to}}}"""
    );

    /// <summary>One change set as JSON text.</summary>
    public static readonly Gen<string> ChangeSet = Gen.Select(
        Many(Added),
        Many(Moved),
        Many(Removed),
        Many(Link),
        Gen.Int[0, 3],
        (added, moved, removed, links, form) =>
            $$"""{"tasks":{{Part(added, moved, removed, form)}},"dependencies":{"added":[{{links}}]},"project":{"a":{{form}} } }"""
    );

    public static readonly Gen<string[]> ChangeSets = ChangeSet.Array[0, 12];

    private static Gen<string> Many(Gen<string> record) =>
        record.Array[0, 3].Select(records => string.Join(',', records));

    private static string Part(string added, string moved, string removed, int form)
    {
        var lists = $$""" "added":[{{added}}],"updated":[{{moved}}],"removed":[{{removed}}] """;
        var input = form switch
        {
            0 => string.Empty,
            1 => ",\"$input\":{}",
            2 => $$""","$input":{"added":[{{added}}]}""",
            _ => $$""","$input":{ {{lists}} }""",
        };
        return JsonNode.Parse($"{{{lists}{input}}}")!.ToJsonString();
    }
}
