using System.Text;

namespace ServerlessSync.Benchmarks.Fuzz;

/// <summary>The seeds of the mutations: a plan, and change sets of all kinds that clients send.</summary>
internal static class Corpus
{
    public const string Base = """
        {"tasksData":[{"id":"t0","name":"Plan","orderedParentIndex":0,"children":[{"id":"t1","orderedParentIndex":0},{"id":2,"orderedParentIndex":1}]},{"id":"t3","orderedParentIndex":1}],
        "dependenciesData":[{"id":"d1","from":"t1","to":2}],"resourcesData":[{"id":"r1"}],"assignmentsData":[{"id":"a1","event":"t1","resource":"r1"}],
        "calendarsData":[{"id":"k","intervals":[{"id":"i1","isWorking":true}]}],"versionsData":[{"id":"v","content":{"a":1}}],"project":{"startDate":"2027-04-05T00:00:00Z"}}
        """;

    private static readonly string[] Texts =
    [
        "{}",
        """{"tasks":{"updated":[{"id":"t1","name":"x","startDate":"2027-04-05T08:00:00"}],"$input":{"updated":[{"id":"t1","name":"x"}]}}}""",
        """{"tasks":{"added":[{"$PhantomId":"_generatedA","parentId":"t0","orderedParentIndex":1,"name":"new"}],"$input":{"added":[{"$PhantomId":"_generatedA","parentId":"t0","orderedParentIndex":1}]}}}""",
        """{"tasks":{"added":[{"$PhantomId":"_generatedB","$PhantomParentId":"_generatedA","parentId":"_generatedA"},{"$PhantomId":"_generatedA","parentId":null}],"$input":{}}}""",
        """{"tasks":{"removed":[{"id":"t0"},{"id":"t1"},{"id":2}],"$input":{"removed":[{"id":"t0"},{"id":"t1"},{"id":2}]}}}""",
        """{"tasks":{"updated":[{"id":"t3","parentId":"t0","orderedParentIndex":0,"parentIndex":0},{"id":2,"parentId":"t3"}],"$input":{"updated":[{"id":"t3","parentId":"t0"}]}}}""",
        """{"dependencies":{"added":[{"$PhantomId":"_generatedD","fromEvent":2,"toEvent":"t1","type":2}],"$input":{"added":[{"$PhantomId":"_generatedD","fromEvent":2,"toEvent":"t1"}]}}}""",
        """{"dependencies":{"updated":[{"id":"d1","active":false,"to":"t3"}],"$input":{"updated":[{"active":false,"id":"d1"}]}}}""",
        """{"assignments":{"added":[{"$PhantomId":"_generatedE","eventId":"_generatedA","resourceId":"_generatedR"}]},"resources":{"added":[{"$PhantomId":"_generatedR","calendar":"_generatedK"}]},"calendars":{"added":[{"$PhantomId":"_generatedK","intervals":{"added":[{"$PhantomId":"_generatedI","isWorking":false}]}}]}}""",
        """{"calendars":{"updated":[{"id":"k","intervals":{"added":[{"$PhantomId":"_generatedJ"}],"updated":[{"id":"i1","isWorking":false}],"removed":[{"id":"i1"}]}}],"$input":{"updated":[{"id":"k","intervals":[]}]}}}""",
        """{"versions":{"added":[{"$PhantomId":"_generatedV","name":"n","content":{"tasks":[{"id":1}]}}],"updated":[{"id":"v","content":"t"}],"$input":{"added":[{"$PhantomId":"_generatedV","content":null}]}}}""",
        """{"project":{"startDate":"2027-04-05T00:00:00Z","calendar":"k","id":"gantt1","$input":{"calendar":"k"}},"risks":{"added":[{"id":7.5,"x":[1,{"y":"\ud83d\ude00\u0041"}]}]}}""",
    ];

    public static readonly IReadOnlyList<byte[]> ChangeSets = [.. Texts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Fragments that are inserted anywhere.</summary>
    public static readonly IReadOnlyList<byte[]> Pieces =
    [
        .. new[]
        {
            "null", "true", "-0", "1e999", "1e15", "0", "\"t0\"", "\"t1\"", "2", "\"_generatedA\"", "\"\"", "[]", "{}", "[[[[[[[[[[", "\"\\ud800\"", "\"\\u0000\"",
            "\"$PhantomId\":", "\"id\":", "\"parentId\":", "\"children\":[{}],", "\"__proto__\":1,", "\"$input\":", "\"added\":", "\"content\":", "\"intervals\":", ",", ":", "{", "}", "[", "]", "\\", "\"",
            "\u00e9", "\ud83d\ude00",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff],
        [0xc0, 0x80],
    ];
}
