using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.State;
using ServerlessSync.Support;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Loading_a_dataset
{
    [Fact]
    public void An_empty_one_shows_every_key_that_clients_expect() =>
        Assert.Equal(
            """{"tasksData":[],"resourcesData":[],"dependenciesData":[],"assignmentsData":[],"calendarsData":[],"timeRangesData":[],"versionsData":[],"changelogsData":[],"project":{}}""",
            Load("{}").Shown()
        );

    [Fact]
    public void Values_survive_byte_for_byte()
    {
        const string Fields = """
            "name":"Jos\u00e9 \ud83d \/ é😀","startDate":"2026-01-05T08:00:00","cost":1.50,"big":12345678901234567890,"e":1E+2,"nested":{"a": [ 1 ,2.0], "id":"x"},"none":null
            """;
        var dataset = Load($$"""{"tasksData":[{"id":1,{{Fields}}}],"fooData":[{"id":"f",{{Fields}}}]} """);

        Assert.Contains($$"""[{"id":1,{{Fields}}}]""", dataset.Shown(), StringComparison.Ordinal);
        Assert.Contains($$""" "fooData":[{"id":"f",{{Fields}}}]""".Trim(), dataset.Shown(), StringComparison.Ordinal);
        Assert.Equal(dataset.Shown(), dataset.Reloaded().Shown());
    }

    [Theory]
    [InlineData("""{"tasksData":[{"id":1,"children":[{"id":2},{"id":"3"}]},{"id":4}]}""")]
    [InlineData("""{"tasks":[{"id":1},{"id":2,"parentId":1},{"id":"3","parentId":1},{"id":4,"parentId":null}]}""")]
    [InlineData(
        """{"success":true,"tasks":{"rows":[{"id":2,"parentId":1},{"id":1,"children":[]},{"id":"3","parentId":1},{"id":4}]}}"""
    )]
    [InlineData(
        """{"tasks":[{"id":4,"parentIndex":1},{"id":1,"parentIndex":0,"children":[{"id":2,"parentIndex":1},{"id":"3","parentIndex":0}]}]}"""
    )]
    [InlineData(
        """{"tasks":[{"id":1},{"id":"3","parentId":1,"orderedParentIndex":4},{"id":2,"parentId":1,"orderedParentIndex":3},{"id":4}]}"""
    )]
    public void Every_form_of_a_tree_is_the_same_tree(string json) => Assert.Equal("1(2,3),4", Load(json).Tree());

    [Fact]
    public void The_array_of_children_counts_whatever_their_indexes_say() =>
        Assert.Equal(
            """[{"id":1,"children":[{"id":2,"parentIndex":7,"orderedParentIndex":0},{"id":3,"parentIndex":0},{"id":4,"orderedParentIndex":2},{"id":5,"orderedParentIndex":"x"}]}]""",
            Load(
                """{"tasks":[{"id":1,"children":[{"id":2,"parentIndex":7,"orderedParentIndex":9},{"id":3,"parentIndex":0},{"id":4,"orderedParentIndex":1},{"id":5,"orderedParentIndex":"x"}]}]}"""
            )
                .Shown("tasksData")
                .ToJsonString()
        );

    [Theory]
    [InlineData("""[{"id":1,"parentIndex":2},{"id":2,"parentIndex":0},{"id":3,"parentIndex":1}]""", "2,3,1")]
    [InlineData("""[{"id":1,"parentIndex":2.5},{"id":2,"parentIndex":-1},{"id":3,"parentIndex":2}]""", "2,3,1")]
    [InlineData("""[{"id":1,"parentIndex":1},{"id":2,"parentIndex":0},{"id":3,"parentIndex":1}]""", "2,1,3")]
    [InlineData("""[{"id":1,"parentIndex":2},{"id":2,"parentIndex":0},{"id":3}]""", "1,2,3")]
    [InlineData("""[{"id":1,"parentIndex":2},{"id":2,"parentIndex":0},{"id":3,"parentIndex":"1"}]""", "1,2,3")]
    [InlineData("""[{"id":1,"orderedParentIndex":2},{"id":2,"orderedParentIndex":0},{"id":3,"orderedParentIndex":1}]""", "1,2,3")]
    public void Roots_are_sorted_by_parentIndex_only_when_all_have_one(string roots, string tree)
    {
        Assert.Equal(tree, Load($$"""{"tasks":{{roots}}}""").Tree());
        Assert.Equal(tree, Load($$"""{"resources":{{roots}}}""").Tree("resourcesData"));
    }

    [Fact]
    public void Siblings_have_the_places_that_clients_give_them_so_that_an_addition_lands_where_they_show_it()
    {
        var dataset = Load("""{"tasks":[{"id":1,"children":[{"id":2,"orderedParentIndex":4},{"id":3,"orderedParentIndex":3}]}]}""");

        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"p","parentId":1,"orderedParentIndex":1}]}}""", 1);

        Assert.Equal("1(2,tasks-1,3)", dataset.Tree());
    }

    [Fact]
    public void Ids_keep_their_type_and_records_keep_their_nesting()
    {
        var dataset = Load("""{"tasksData":[{"id":1,"name":"a","children":[{"id":"2","parentId":77}]}]}""");

        Assert.Contains("""[{"id":1,"name":"a","children":[{"id":"2"}]}]""", dataset.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_parent_without_children_stays_one()
    {
        var dataset = Load("""{"tasksData":[{"id":1,"children":[]},{"id":2,"children":true}]}""");
        Assert.Contains(
            """[{"id":1,"children":[]},{"id":2,"children":true}]""",
            dataset.Shown(),
            StringComparison.Ordinal
        );

        dataset.Submit("""{"tasks":{"updated":[{"id":2,"parentId":1}]}}""", 1);
        Assert.Contains(
            """[{"id":1,"children":[{"id":2,"children":true}]}]""",
            dataset.Shown(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_nested_as_deep_as_is_allowed_can_be_stored_and_read_again()
    {
        const int Levels = DatasetLimits.DepthMax - 3;
        var deep = new string('[', Levels) + new string(']', Levels);
        var state = StateSnapshot.WriteBase(Load($$"""{"foo":[{"id":1,"x":{{deep}} }]}"""));

        Assert.Contains(deep, StateSnapshot.Read(state).Dataset.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_escaped_id_is_the_id_that_it_spells() =>
        Assert.Contains(
            "the id",
            Fault("""{"resourcesData":[{"id":"\u0061\ud83d\ude00"},{"id":"a😀"}]}"""),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_record_without_id_gets_one_from_its_place()
    {
        const string Json =
            """{"tasksData":[{"name":"a","children":[{"name":"b"}]},{"id":"tasks-b1"}],"fooData":[{"x":1}]}""";

        Assert.Equal("tasks-b1-2(tasks-b2),tasks-b1", Load(Json).Tree());
        Assert.Equal("foo-b1", Load(Json).Shown("fooData")[0]!["id"]!.ToString());
        Assert.Equal(Load(Json).Shown(), Load(Json).Shown());
    }

    [Fact]
    public void The_project_keeps_its_fields_but_no_id() =>
        Assert.Equal(
            """{"startDate":"2026-01-05T00:00:00Z","hoursPerDay":8.0}""",
            Load("""{"project":{"startDate":"2026-01-05T00:00:00Z","id":"gantt1","hoursPerDay":8.0}}""")
                .Shown("project")
                .ToJsonString()
        );

    [Fact]
    public void Events_stay_events_and_do_not_clear_a_gantt()
    {
        var shown = JsonNode.Parse(Load("""{"eventsData":[{"id":1}]}""").ToClientJson().Span)!.AsObject();

        Assert.False(shown.ContainsKey("tasksData"));
        Assert.Single(shown["eventsData"]!.AsArray());
    }

    [Fact]
    public void Its_own_output_is_a_dataset_again()
    {
        var dataset = Load(
            """{"tasksData":[{"id":1,"children":[{"id":2,"orderedParentIndex":5}]}],"resourcesData":[{"id":"r"}]}"""
        );

        Assert.Equal(dataset.Shown(), Load(dataset.Shown()).Shown());
    }

    [Theory]
    [InlineData("[1", "JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("""{"tasksData":[{"id":1},{"id":1.0}]}""", "tasks: the id 1.0 of record 2 and the id 1 of record 1 are the same")]
    [InlineData("""{"tasksData":[{"id":1,"children":[{"id":1}]}]}""", "tasks: the id 1 of record 2 and the id")]
    [InlineData(
        """{"tasksData":[{"id":1,"parentId":2},{"id":2,"parentId":1}]}""",
        "tasks: record 1 is its own ancestor"
    )]
    [InlineData("""{"tasksData":[{"id":1,"parentId":2}]}""", "tasks: the parent 2 of record 1 does not exist")]
    [InlineData("""{"tasksData":[{"id":1,"parentId":true}]}""", "tasks: record 1 has an unusable parentId")]
    [InlineData("""{"resourcesData":[{"id":"a\u0000"}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[{"id":"a\ud800"}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[{"id":"\udc00a"}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[{"id":"\ud800\n"}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[{"id":"\ud800\ud800"}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[{"id":"\ud800a\udc00"}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[{"id":{}}]}""", "resources: record 1 has an unusable id")]
    [InlineData("""{"resourcesData":[7]}""", "resources: record 1 is not an object")]
    [InlineData("""{"tasks":[],"tasksData":[]}""", "'tasks' occurs twice")]
    [InlineData("""{"tasks":{"total":1}}""", "'tasks' is neither")]
    [InlineData("""{"constructor":[]}""", "'constructor' is not a valid store name")]
    [InlineData("""{"tasks":[{"__proto__":1}]}""", "__proto__")]
    [InlineData("""{"tasks":[{"id":1,"\u005f_proto__":1}]}""", "__proto__")]
    [InlineData("""{"tasks":[{"id":1,"\ud800":1}]}""", "surrogate")]
    [InlineData("""{"tasks":[{"id":1,"id":2}]}""", "line 1, column 19: the name id occurs twice in one object")]
    [InlineData("""{"project":[]}""", "'project' is not an object")]
    public void What_clients_could_not_load_is_refused_with_its_place(string json, string reason) =>
        Assert.Contains(reason, Fault(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "the text is empty")]
    [InlineData(" \n\t", "the text is empty")]
    [InlineData("{\n  \"tasksData\": [\n    {\"name\": \"Größe 😀\",}\n  ]\n}", "line 3, column 25: trailing comma before a closing bracket")]
    [InlineData("{\"tasksData\":[1,\n]}", "line 2, column 1: trailing comma before a closing bracket")]
    [InlineData("{\"tasksData\":[\n", "line 2, column 1: the JSON ends too early")]
    [InlineData("{\"tasksData\" []}", "line 1, column 14: not JSON from here on")]
    [InlineData("{}\n{}", "line 2, column 1: not JSON from here on")]
    [InlineData("{\"tasksData\":tru}", "line 1, column 17: not JSON from here on")]
    [InlineData("{\"a\":{\n\"b\":[],\"b\":1}}", "line 2, column 8: the name b occurs twice in one object")]
    public void A_file_that_is_no_json_is_refused_with_line_and_column(string json, string reason) => Assert.Equal(reason, Fault(json));

    [Fact]
    public void A_file_that_is_nested_too_deep_is_told_where()
    {
        var json = "{\"x\":\n" + new string('[', DatasetLimits.DepthMax);

        Assert.Equal($"line 2, column {DatasetLimits.DepthMax}: nested deeper than {DatasetLimits.DepthMax} levels", Fault(json));
    }

    [Fact]
    public void A_byte_order_mark_is_taken() =>
        Assert.Single(Load("\uFEFF" + """{"resourcesData":[{"id":1}]}""").Shown("resourcesData").AsArray());

    [Fact]
    public void Text_that_is_not_utf8_is_told_where() =>
        Assert.Equal(
            "line 2, column 2: not UTF-8",
            ((DatasetResult.Malformed)Dataset.Parse("{\n\"é"u8.ToArray().AsSpan()[..^1].ToArray())).Reason
        );

    [Fact]
    public void Text_that_is_not_utf8_is_refused() =>
        Assert.IsType<DatasetResult.Malformed>(
            Dataset.Parse(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' })
        );

    [Fact]
    public void Every_limit_is_checked()
    {
        var fields = string.Join(',', Enumerable.Range(0, DatasetLimits.FieldsMax + 1).Select(n => $"\"f{n}\":1"));
        var stores = string.Join(',', Enumerable.Range(0, DatasetLimits.StoresMax + 1).Select(n => $"\"s{n}\":[]"));
        var rows = string.Join(',', Enumerable.Repeat("{}", DatasetLimits.RecordsMax + 1));

        Assert.Contains("1000 fields", Fault($$"""{"tasks":[{{{fields}}}]}"""), StringComparison.Ordinal);
        Assert.Contains("100 stores", Fault($"{{{stores}}}"), StringComparison.Ordinal);
        Assert.Contains("200000 records", Fault($$"""{"tasks":[{{rows}}]}"""), StringComparison.Ordinal);
        Assert.Contains(
            "256 bytes",
            Fault($$"""{"tasks":[{"{{new string('f', 257)}}":1}]}"""),
            StringComparison.Ordinal
        );
        Assert.Contains("is not a valid store name", Fault($$"""{"{{new string('s', 65)}}":[]}"""), StringComparison.Ordinal);
        Assert.Contains(
            "level 200",
            Fault($$"""{"tasks":[{{Chain(DatasetLimits.TreeLevelsMax + 1)}}]}"""),
            StringComparison.Ordinal
        );
        Assert.Contains("464 levels", Fault(new string('[', 465)), StringComparison.Ordinal);
        Assert.Contains(
            "bytes",
            Assert.IsType<DatasetResult.Malformed>(Dataset.Parse(new byte[DatasetLimits.BytesMax + 1])).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_deepest_tree_allowed_survives_its_own_output()
    {
        var json = new StringBuilder("{\"tasks\":[");
        for (var level = 1; level <= DatasetLimits.TreeLevelsMax; level++)
        {
            json.Append(CultureInfo.InvariantCulture, $$"""{"id":{{level}},"children":[""");
        }

        json.Insert(json.Length, "]}", DatasetLimits.TreeLevelsMax).Append("]}");
        var dataset = Load(json.ToString());

        Assert.Equal(dataset.Shown(), Load(dataset.Shown()).Shown());
    }

    [Fact]
    public void Fifty_thousand_tasks_and_as_many_links_just_work()
    {
        var dataset = Load(LargePlan.Json(50_000));

        Assert.Equal(50_000 / 10, dataset.Shown("tasksData").AsArray().Count);
        Assert.Equal(49_999, dataset.Shown("dependenciesData").AsArray().Count);
        Assert.Equal(dataset.Shown(), dataset.Reloaded().Shown());
    }

    private static string Chain(int levels) =>
        string.Join(
            ',',
            Enumerable.Range(1, levels).Select(n => n == 1 ? """{"id":1}""" : $$"""{"id":{{n}},"parentId":{{n - 1}}}""")
        );
}
