using System.Text;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Telling_records_apart
{
    private const string Plan = """
        {"tasks":[{"id":1,"name":"a"},{"id":"2","name":"b","children":[{"id":3,"name":"c"}]},{"id":1.50,"name":"d"}],
        "resources":[{"id":7,"name":"r"},{"id":"s","name":"s"}],"versions":[{"id":4,"name":"v","content":{"n":1}}]}
        """;

    public static TheoryData<string> ReservedNames =>
        [
            "__proto__",
            "constructor",
            "toString",
            "toLocaleString",
            "valueOf",
            "hasOwnProperty",
            "isPrototypeOf",
            "propertyIsEnumerable",
            "__defineGetter__",
            "__defineSetter__",
            "__lookupGetter__",
            "__lookupSetter__",
        ];

    [Theory]
    [InlineData("""{"tasksData":[{"id":1},{"id":"1"}]}""", """tasks: the id "1" of record 2 and the id 1 of record 1 are the same""")]
    [InlineData("""{"tasksData":[{"id":"1","children":[{"id":1}]}]}""", """tasks: the id 1 of record 2 and the id "1" of record 1 are the same""")]
    [InlineData("""{"resourcesData":[{"id":"x"},{"id":1.50},{"id":"1.5"}]}""", """the id "1.5" of record 3 and the id 1.50 of record 2 are the same""")]
    [InlineData("""{"dependenciesData":[{"id":1e-7},{"id":"1e-7"}]}""", "and the id 1e-7 of record 1 are the same")]
    [InlineData("""{"assignmentsData":[{"id":"0.000001"},{"id":1e-6}]}""", """and the id "0.000001" of record 1 are the same""")]
    [InlineData("""{"calendarsData":[{"id":100000000000000000000},{"id":"100000000000000000000"}]}""", "record 2 and the id")]
    [InlineData("""{"versionsData":[{"id":1e21},{"id":"1e+21"}]}""", "record 2 and the id")]
    [InlineData("""{"risks":[{"id":"0"},{"id":-0.0}]}""", "the id -0.0 of record 2 and the id")]
    public void A_file_with_two_records_that_are_one_to_a_browser_is_refused(string json, string reason) =>
        Assert.Contains(reason, Fault(json), StringComparison.Ordinal);

    [Fact]
    public void What_a_browser_tells_apart_is_taken() =>
        Assert.Equal(
            "1,01,1.50,1.50,1e-7,1E-7,a,A",
            Load(
                """{"foo":[{"id":1},{"id":"01"},{"id":"1.50"},{"id":1.50},{"id":1e-7},{"id":"1E-7"},{"id":"a"},{"id":"A"}],"bar":[{"id":"1"}]}"""
            )
                .Shown("fooData")
                .AsArray()
                .Select(record => record!["id"]!.ToJsonString().Trim('"'))
                .Aggregate((left, right) => $"{left},{right}")
        );

    [Theory]
    [MemberData(nameof(ReservedNames))]
    public void A_name_that_every_object_has_is_no_id(string name)
    {
        foreach (var store in new[] { "tasks", "resources", "calendars", "dependencies", "assignments", "versions", "risks" })
        {
            Assert.Contains("unusable id", Fault($$"""{"{{store}}":[{"id":"{{name}}"}]}"""), StringComparison.Ordinal);
            foreach (var list in new[] { "added", "updated", "removed" })
            {
                Assert.Contains(
                    "every JavaScript object has a property of that name",
                    Empty().Refusal($$$"""{"{{{store}}}":{"{{{list}}}":[{"id":"{{{name}}}"}]}}"""),
                    StringComparison.Ordinal
                );
            }

            Assert.Contains(
                "$input.added record 1: its id is unusable",
                Empty().Refusal($$$$"""{"{{{{store}}}}":{"$input":{"added":[{"$PhantomId":"{{{{name}}}}"}]}}}"""),
                StringComparison.Ordinal
            );
        }

        Assert.Contains("is not a valid store name", Fault($$"""{"{{name}}":[]}""".Replace("__proto__", "constructor", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(
            "the id of an interval is unusable",
            Fault($$"""{"calendars":[{"id":"k","intervals":[{"id":"{{name}}"}]}]}"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the id of an interval is unusable",
            Empty().Refusal($$$"""{"calendars":{"updated":[{"id":"k","intervals":{"added":[{"$PhantomId":"{{{name}}}"}]}}]}}"""),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("9007199254740993")]
    [InlineData("1e400")]
    [InlineData("1e-400")]
    [InlineData("0.10000000000000000001")]
    [InlineData("12345678901234567890")]
    public void A_number_that_a_browser_does_not_hold_is_no_id(string id)
    {
        Assert.Contains("unusable id", Fault($$"""{"tasks":[{"id":{{id}}}]}"""), StringComparison.Ordinal);
        Assert.Contains("unusable parentId", Fault($$"""{"tasks":[{"id":1,"parentId":{{id}}}]}"""), StringComparison.Ordinal);
        Assert.Contains("unusable", Empty().Refusal($$$"""{"tasks":{"added":[{"$PhantomId":{{{id}}}}]}}"""), StringComparison.Ordinal);
        Assert.Contains("unusable", Empty().Refusal($$$"""{"tasks":{"removed":[{"id":{{{id}}}}]}}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.50")]
    [InlineData("0.1")]
    [InlineData("-0")]
    [InlineData("1e-7")]
    [InlineData("1E+2")]
    [InlineData("100000000000000000000")]
    [InlineData("9007199254740992")]
    [InlineData("1180591620717411303424")]
    [InlineData("5e-324")]
    [InlineData("\"caf\\u00e9\"")]
    [InlineData("\"\\u0061\"")]
    [InlineData("\"é ' < \\/ \\\"\"")]
    public void An_id_leaves_with_the_text_that_it_came_in_with(string id)
    {
        var dataset = Load($$"""{"tasks":[{"id":{{id}},"n":0}],"foo":[{"id":"x"}]}""");
        Assert.Contains($$"""[{"id":{{id}},"n":0}]""", dataset.Shown(), StringComparison.Ordinal);
        Assert.Equal(dataset.Shown(), dataset.Reloaded().Shown());
        Assert.Equal(dataset.Shown(), Load(dataset.Shown()).Shown());

        var added = Empty().Submit($$$"""{"tasks":{"added":[{"id":{{{id}}},"n":0}]}}""", 1);
        Assert.Equal($$$"""{"tasks":{"added":[{"id":{{{id}}},"n":0}]}}""", added.Text());
    }

    [Fact]
    public void The_text_of_a_number_does_not_matter_to_what_it_names()
    {
        var dataset = Load("""{"tasks":[{"id":1.50,"n":0}]}""");

        var sent = dataset.Submit("""{"tasks":{"updated":[{"id":15e-1,"n":1}]}}""", 1);
        var back = dataset.Accept("""{"tasks":{"added":[{"$PhantomId":1.5}]}}""", 2);

        Assert.Equal("""{"tasks":{"updated":[{"id":15e-1,"n":1}]}}""", sent.Text());
        Assert.Equal("""{"tasks":{"added":[{"id":1.50,"$PhantomId":1.5}]}}""", back.Text());
        Assert.False(sent.NeedsRule);
        Assert.Contains("""[{"id":1.50,"n":1}]""", dataset.Shown(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"1","name":"new","x":1}""", """{"id":"1","name":"new","x":1}""", true)]
    [InlineData("""{"$PhantomId":"1","name":"new","x":1}""", """{"id":1,"$PhantomId":"1","name":"new","x":1}""", false)]
    [InlineData("""{"$PhantomId":"1","id":"1","name":"new","x":1}""", """{"$PhantomId":"1","id":1,"name":"new","x":1}""", false)]
    [InlineData("""{"$PhantomId":1,"id":"1","name":"new","x":1}""", """{"$PhantomId":1,"id":"1","name":"new","x":1}""", true)]
    public void An_added_twin_is_an_update_as_clients_take_it(string added, string published, bool needsRule)
    {
        var dataset = Load(Plan);

        var accepted = dataset.Submit($$$"""{"tasks":{"added":[{{{added}}}],"$input":{"added":[{{{added}}}]} } }""", 1);

        Assert.Equal($$$"""{"tasks":{"added":[{{{published}}}],"$input":{"added":[{{{published}}}]} } }""".Replace(" ", string.Empty, StringComparison.Ordinal), accepted.Text().Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.Equal(needsRule, accepted.NeedsRule);
        Assert.Equal("1,2(3),1.50", dataset.Tree());
        Assert.Contains("""{"id":1,"name":"new","x":1}""", dataset.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Twins_in_one_change_set_are_one_record_under_the_id_that_came_first()
    {
        var dataset = Empty();

        var accepted = dataset.Submit(
            """{"tasks":{"added":[{"id":"5","n":1},{"id":5,"m":2}],"updated":[{"id":5,"o":3}]},"risks":{"added":[{"$PhantomId":9,"n":1},{"$PhantomId":"9","m":2}]}}""",
            1
        );

        Assert.True(accepted.NeedsRule);
        Assert.Equal("""[{"id":"5","n":1,"m":2,"o":3}]""", dataset.Shown("tasksData").ToJsonString());
        Assert.Equal("""[{"id":9,"n":1,"m":2}]""", dataset.Shown("risksData").ToJsonString());
    }

    [Theory]
    [InlineData("""{"tasks":{"updated":[{"id":"1","name":"x"}]}}""", "1:x,2:b(3:c),1.50:d")]
    [InlineData("""{"tasks":{"updated":[{"id":2,"name":"x"},{"id":"3","name":"y"},{"id":"1.5","name":"z"}]}}""", "1:a,2:x(3:y),1.50:z")]
    [InlineData("""{"tasks":{"updated":[{"id":"1.50","name":"x"}]}}""", "1:a,2:b(3:c),1.50:d")]
    [InlineData("""{"tasks":{"removed":[{"id":"1"}]}}""", "2:b(3:c),1.50:d")]
    [InlineData("""{"tasks":{"removed":[{"id":2}]}}""", "1:a,1.50:d")]
    [InlineData("""{"tasks":{"updated":[{"id":"3","parentId":null,"orderedParentIndex":0}]}}""", "1:a,3:c,2:b,1.50:d")]
    public void Edits_and_removals_reach_the_record_that_clients_find(string changes, string tree)
    {
        var dataset = Load(Plan);

        Assert.Equal(changes, dataset.Submit(changes, 1).Text());

        Assert.Equal(tree, Named(dataset));
        Assert.Equal(tree, Named(dataset.Reloaded()));
    }

    [Fact]
    public void Every_store_is_a_register_of_its_own()
    {
        var dataset = Load("""{"tasks":[{"id":1,"n":0}],"resources":[{"id":"1","n":0}],"dependencies":[{"id":1}],"foo":[{"id":"1","n":0}]}""");

        var accepted = dataset.Submit("""{"resources":{"updated":[{"id":1,"n":1}]},"foo":{"removed":[{"id":1}]}}""", 1);

        Assert.True(accepted.NeedsRule);
        Assert.Equal("""[{"id":1,"n":0}]""", dataset.Shown("tasksData").ToJsonString());
        Assert.Equal("""[{"id":"1","n":1}]""", dataset.Shown("resourcesData").ToJsonString());
    }

    [Fact]
    public void A_removed_record_comes_back_under_the_id_that_it_had()
    {
        var dataset = Load(Plan);
        dataset.Submit("""{"tasks":{"removed":[{"id":"1"}]}}""", 1);

        var back = dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"1","name":"again"}]}}""", 2);

        Assert.Equal("""{"tasks":{"added":[{"id":1,"$PhantomId":"1","name":"again"}]}}""", back.Text());
        Assert.Equal("2:b(3:c),1.50:d,1:again", Named(dataset));
    }

    [Fact]
    public void A_parent_of_the_other_type_is_none_as_for_clients()
    {
        var dataset = Load(Plan);

        var accepted = dataset.Submit(
            """{"tasks":{"added":[{"$PhantomId":"p","parentId":"1"},{"$PhantomId":"q","parentId":"2"}],"updated":[{"id":3,"parentId":"1","name":"stays"}]}}""",
            1
        );

        Assert.True(accepted.Cut);
        Assert.Equal(
            """{"tasks":{"added":[{"id":"tasks-1-2","$PhantomId":"q","parentId":"2"}],"updated":[{"id":3,"name":"stays"}]}}""",
            accepted.Text()
        );
        Assert.Equal("1,2(3,tasks-1-2),1.50", dataset.Tree());
        Assert.Contains(
            """tasks: the parent "1" of record 2 does not exist""",
            Fault("""{"tasks":[{"id":1},{"id":2,"parentId":"1"}]}"""),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("dependencies", """{"id":"d","from":"1","to":2}""")]
    [InlineData("dependencies", """{"id":"d","fromTask":{"id":"1"},"toEvent":{"id":"2","name":"b"}}""")]
    [InlineData("dependencies", """{"id":"d","from":1,"fromEvent":99,"to":"2","toTask":98}""")]
    [InlineData("dependencies", """{"id":"d","fromEvent":99,"from":1,"to":"2"}""")]
    [InlineData("dependencies", """{"id":"d","from":null,"fromEvent":"1.5","to":1}""")]
    [InlineData("assignments", """{"id":"d","event":"1","resource":"7"}""")]
    [InlineData("assignments", """{"id":"d","eventId":{"id":2},"resource":"s","resourceId":99}""")]
    [InlineData("assignments", """{"id":"d","event":1,"eventId":99,"resourceId":{"id":"7"}}""")]
    public void Links_lead_where_clients_follow_them(string store, string link)
    {
        var dataset = Load(Plan);

        dataset.Submit($$$"""{"{{{store}}}":{"added":[{{{link}}}]}}""", 1);

        Assert.Equal($"[{link}]", dataset.Shown(store + "Data").ToJsonString());
        Assert.Equal($"[{link}]", Load(Plan[..^1] + $$""", "{{store}}":[{{link}}]}""").Shown(store + "Data").ToJsonString());
    }

    [Theory]
    [InlineData("dependencies", """{"id":"d","from":99,"fromEvent":1,"to":"2"}""")]
    [InlineData("dependencies", """{"id":"d","from":true,"fromEvent":1,"to":"2"}""")]
    [InlineData("dependencies", """{"id":"d","from":{"name":1},"to":"2"}""")]
    [InlineData("dependencies", """{"id":"d","from":[1],"to":"2"}""")]
    [InlineData("assignments", """{"id":"d","event":1,"resource":99,"resourceId":7}""")]
    public void Links_that_clients_cannot_follow_are_not_served(string store, string link)
    {
        var dataset = Load(Plan);

        dataset.Submit($$$"""{"{{{store}}}":{"added":[{{{link}}}]}}""", 1);

        Assert.Empty(dataset.Shown(store + "Data").AsArray());
    }

    [Fact]
    public void A_cycle_is_one_whatever_types_its_links_name() =>
        Assert.Equal(
            """[{"id":"x","from":1,"to":"2"},{"id":"y","from":2,"to":{"id":"1"},"active":false}]""",
            Load(Plan[..^1] + """, "dependencies":[{"id":"x","from":1,"to":"2"},{"id":"y","from":2,"to":{"id":"1"}}]}""")
                .Shown("dependenciesData")
                .ToJsonString()
        );

    [Fact]
    public void The_content_of_a_version_is_found_under_either_type()
    {
        var parsed = Assert.IsType<DatasetResult.Parsed>(Dataset.Parse(Encoding.UTF8.GetBytes(Plan)));
        parsed.Dataset.NameContent(JsonId.Of(4), "key");

        Assert.True(parsed.Dataset.TryFindVersion(JsonId.Of("4"), out var key));
        Assert.Equal("key", key);

        var saved = parsed.Dataset.Accept("""{"versions":{"updated":[{"id":"4","content":{"n":2}}]}}""");
        Assert.Equal(JsonId.Of(4), Assert.Single(saved.Contents).Version);
    }

    [Fact]
    public void The_intervals_of_a_calendar_are_a_register_too()
    {
        var dataset = Load("""{"calendars":[{"id":"k","intervals":[{"id":1,"x":0},{"id":"2","x":0},{"id":3,"x":0}]}]}""");

        var accepted = dataset.Submit(
            """{"calendars":{"updated":[{"id":"k","intervals":{"updated":[{"id":"1","x":1}],"removed":[{"id":2}],"added":[{"id":"3","x":3}]}}]}}""",
            1
        );

        Assert.True(accepted.NeedsRule);
        Assert.Equal("""[{"id":1,"x":1},{"id":"3","x":3}]""", dataset.Shown("calendarsData")[0]!["intervals"]!.ToJsonString());
    }

    private static string Named(Dataset dataset) => Named(dataset.Shown("tasksData").AsArray());

    private static string Named(System.Text.Json.Nodes.JsonArray records) =>
        string.Join(
            ',',
            records.Select(record =>
                $"{record!["id"]!.ToJsonString().Trim('"')}:{record["name"]}"
                + (record["children"] is System.Text.Json.Nodes.JsonArray { Count: > 0 } children ? $"({Named(children)})" : string.Empty)
            )
        );
}
