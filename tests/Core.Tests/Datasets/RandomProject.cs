using System.Text.Json.Nodes;
using CsCheck;

namespace ServerlessSync.Core.Tests.Datasets;

/// <summary>Histories over all kinds of stores, with resets, by authors with stale state.</summary>
internal static class RandomProject
{
    /// <summary>Represents a reset in a history.</summary>
    public const string Reset = "reset";

    public const string Base = """
        {"tasks":[{"id":"t0","n":1,"children":[{"id":"t1"},{"id":2}]},{"id":"t3","orderedParentIndex":4}],
        "dependencies":[{"id":"d0","from":"t1","to":2}],"resources":[{"id":"r0"},{"id":"r1"}],
        "assignments":[{"id":"a0","event":"t1","resource":"r0"}],"calendars":[{"id":"k0","f":0}],"versions":[{"id":"v0"}],
        "timeRanges":[{"id":"z0"}],"changelogs":[],"risks":[{"id":7}],"project":{"a":1}}
        """;

    private static readonly string[] Tasks = [.. Known("tasks", "\"t0\"", "\"t1\"", "2", "\"2\"", "\"t3\"")];
    private static readonly string[] Resources = [.. Known("resources", "\"r0\"", "\"r1\"")];

    private static readonly Gen<string> Task = Gen.OneOf<string>(Tasks);

    private static readonly Gen<string> Parent = Gen.Frequency((1, Gen.Const("null")), (3, Task));

    private static readonly Gen<string> Place = Gen.Select(Parent, Gen.Int[0, 4], Gen.Bool, static (parent, index, isPlaced) =>
        isPlaced ? $",\"parentId\":{parent},\"orderedParentIndex\":{index}" : $",\"parentId\":{parent}"
    );

    private static readonly Gen<string> TaskFields = Gen.Int[0, 3].Select(n => $",\"f{n}\":{n}.50");

    private static readonly Gen<string> TaskPart = Gen.OneOf(
        Part(Phantom("tasks", "\"t0\"", "\"t1\"", "2", "\"2\""), Place, Task, Gen.OneOf(Place, TaskFields)),
        Part(Phantom("tasks"), TaskFields, Task, Place, addedMax: 0)
    );

    private static readonly Gen<string> Changes = Gen.Select(
        TaskPart,
        Part(
            Phantom("dependencies", "\"d0\""),
            Gen.OneOf<string>([.. Known("dependencies", "\"d0\"")]),
            Gen.Select(Task, Task, Gen.Bool, static (from, to, isOn) => $",\"from\":{from},\"to\":{to},\"active\":{(isOn ? "true" : "false")}")
        ),
        Part(
            Phantom("assignments", "\"a0\""),
            Gen.OneOf<string>([.. Known("assignments", "\"a0\"")]),
            Gen.Select(Task, Gen.OneOf<string>(Resources), static (task, resource) => $",\"event\":{task},\"resource\":{resource}")
        ),
        Gen.OneOf<string>("resources", "calendars", "versions", "timeRanges", "changelogs", "risks", "own")
            .SelectMany(static store =>
                Part(Phantom(store, "7", "\"7\""), Gen.OneOf<string>([.. Known(store, "\"r0\"", "\"k0\"", "\"v0\"", "\"z0\"", "7", "\"7\"")]), Gen.Int[0, 3].Select(n => $",\"f{n}\":{n}.0"))
                    .Select(part => $"\"{store}\":{part}")
            ),
        Gen.Int[0, 3],
        static (tasks, links, assignments, other, value) =>
            $$"""{"assignments":{{assignments}},"tasks":{{tasks}},"dependencies":{{links}},{{other}},"project":{"p{{value}}":{{value}} } }"""
    );

    /// <summary>What clients send, and resets.</summary>
    public static readonly Gen<string[]> Histories = Gen.Frequency((14, Changes), (1, Gen.Const(Reset))).Array[0, 14];

    /// <summary>The same change set from clients whose engine derives nothing: the input is all there is.</summary>
    public static string WithInput(string changes)
    {
        var node = JsonNode.Parse(changes)!.AsObject();
        foreach (var (store, part) in node)
        {
            if (part is JsonObject lists && !string.Equals(store, "project", StringComparison.Ordinal))
            {
                lists["$input"] = lists.DeepClone();
            }
        }

        return node.ToJsonString();
    }

    private static IEnumerable<string> Known(string store, params string[] ids) =>
        ids.Concat([$"\"{store}-1\"", $"\"{store}-2\"", $"\"{store}-3-2\"", $"\"_generated_{store}_1\"", $"\"_generated_{store}_2\"", "\"gone\""]);

    private static Gen<string> Phantom(string store, params string[] ids) =>
        Gen.OneOf<string>([.. ids, .. Enumerable.Range(1, 4).Select(n => $"\"_generated_{store}_{n}\"")]);

    private static Gen<string> Part(Gen<string> phantom, Gen<string> id, Gen<string> fields) => Part(phantom, fields, id, fields);

    // A record occurs once in a list, as in clients' messages, whatever the type of its id.
    private static Gen<string> Part(Gen<string> phantom, Gen<string> added, Gen<string> id, Gen<string> updated, int addedMax = 3) =>
        Gen.Select(
            Gen.Select(phantom, added).Array[0, addedMax],
            Gen.Select(id, updated).Array[0, 3],
            id.Array[0, 2],
            static (added, updated, removed) =>
                $$"""
                {"added":[{{Join(added, "$PhantomId")}}],"updated":[{{Join(updated, "id")}}],"removed":[{{string.Join(',', removed.DistinctBy(static id => id.Trim('"'), StringComparer.Ordinal).Select(id => $"{{\"id\":{id}}}"))}}]}
                """
        );

    private static string Join((string Id, string Fields)[] records, string name) =>
        string.Join(
            ',',
            records.DistinctBy(static record => record.Id.Trim('"'), StringComparer.Ordinal).Select(record => $"{{\"{name}\":{record.Id}{record.Fields}}}")
        );
}
