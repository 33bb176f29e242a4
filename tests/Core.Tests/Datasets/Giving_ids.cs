using ServerlessSync.Core.Datasets.Records;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Giving_ids
{
    private const string Phantom = "_generatedTaskModel_0f2c";

    [Fact]
    public void A_new_record_gets_an_id_in_results_and_input_and_keeps_its_phantom()
    {
        var accepted = Empty()
            .Accept(
                """{"tasks":{"added":[{"$PhantomId":"p","name":"a","duration":1.50}],"$input":{"added":[{"name":"a","$PhantomId":"p"}]}}}""",
                42
            );

        Assert.Equal(
            """{"tasks":{"added":[{"id":"tasks-42","$PhantomId":"p","name":"a","duration":1.50}],"$input":{"added":[{"id":"tasks-42","name":"a","$PhantomId":"p"}]}}}""",
            accepted.Text()
        );
        Assert.False(accepted.Cut);
    }

    [Fact]
    public void Further_records_of_a_revision_are_counted_by_store()
    {
        var node = Empty()
            .Accept(
                """{"tasks":{"added":[{"$PhantomId":"a"},{"$PhantomId":"b"},{"$PhantomId":"c"}]},"dependencies":{"added":[{"$PhantomId":"d"}]}}""",
                7
            )
            .Node();

        Assert.Equal(
            "tasks-7,tasks-7-2,tasks-7-3",
            string.Join(',', node["tasks"]!["added"]!.AsArray().Select(r => r!["id"]!.ToString()))
        );
        Assert.Equal("dependencies-7", node["dependencies"]!["added"]![0]!["id"]!.ToString());
    }

    [Fact]
    public void An_id_that_any_store_has_or_had_is_not_given()
    {
        var dataset = Load(
            """{"resources":[{"id":"tasks-5"}],"tasks":[{"id":"tasks-5-2"}],"assignments":[{"id":"tasks-5-4"}]}"""
        );
        dataset.Submit("""{"tasks":{"removed":[{"id":"tasks-5-2"}]}}""", 2);

        var added = dataset
            .Accept("""{"tasks":{"added":[{"$PhantomId":"a"},{"id":"tasks-5-3"},{"$PhantomId":"b"}]}}""", 5)
            .Node()["tasks"]!["added"]!;

        Assert.Equal("tasks-5-5", added[0]!["id"]!.ToString());
        Assert.Equal("tasks-5-6", added[2]!["id"]!.ToString());
    }

    [Fact]
    public void An_id_that_went_with_a_reset_is_not_given()
    {
        var dataset = Load("""{"foo":[{"id":"foo-5"}]}""");
        dataset.ResetTo(Empty());

        Assert.Equal(
            "foo-5-2",
            dataset.Accept("""{"foo":{"added":[{"$PhantomId":"a"}]}}""", 5).Node()["foo"]!["added"]![0]![
                "id"
            ]!.ToString()
        );
    }

    [Fact]
    public void Links_to_new_records_are_replaced_at_any_depth_before_and_after_them()
    {
        var text = Empty()
            .Accept(
                """
                {"assignments":{"added":[{"$PhantomId":"x","event":"p","resource":"r"}],"$input":{"added":[{"$PhantomId":"x","event":"p","resource":"r"}]}},
                "tasks":{"added":[{"$PhantomId":"c","$PhantomParentId":"p","parentId":"p","deep":{"list":["p",{"to":"p"}]}},{"$PhantomId":"p"}],
                "updated":[{"id":"p","name":"n"}],"removed":[{"id":"p"}]},
                "resources":{"added":[{"$PhantomId":"r","calendar":"k"}]},"calendars":{"added":[{"$PhantomId":"k"}]},
                "project":{"calendar":"k","$input":{"calendar":"k"}}}
                """,
                3
            )
            .Text();

        Assert.Contains(
            """[{"id":"assignments-3","$PhantomId":"x","event":"tasks-3-2","resource":"resources-3"}],"$input":{"added":[{"id":"assignments-3","$PhantomId":"x","event":"tasks-3-2","resource":"resources-3"}]""",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """{"id":"tasks-3","$PhantomId":"c","$PhantomParentId":"p","parentId":"tasks-3-2","deep":{"list":["tasks-3-2",{"to":"tasks-3-2"}]}}""",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """ "updated":[{"id":"tasks-3-2","name":"n"}],"removed":[{"id":"tasks-3-2"}]""".Trim(),
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """ "project":{"calendar":"calendars-3","$input":{"calendar":"calendars-3"}}""".Trim(),
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_phantom_means_the_same_record_for_ever()
    {
        var dataset = Empty();
        dataset.Submit(
            $$"""{"tasks":{"added":[{"$PhantomId":"{{Phantom}}","name":"a"}],"$input":{"added":[{"$PhantomId":"{{Phantom}}"}]} } }""",
            1
        );
        dataset = dataset.Reloaded();

        var again = dataset.Submit(
            $$"""{"tasks":{"added":[{"$PhantomId":"{{Phantom}}","note":"b"}],"$input":{"updated":[{"id":"{{Phantom}}","note":"b"}]} },"foo":{"updated":[{"id":"f","any":"{{Phantom}}"}]} }""",
            2
        );

        Assert.Equal("tasks-1", again.Node()["tasks"]!["added"]![0]!["id"]!.ToString());
        Assert.Equal("tasks-1", again.Node()["tasks"]!["$input"]!["updated"]![0]!["id"]!.ToString());
        Assert.Equal("tasks-1", again.Node()["foo"]!["updated"]![0]!["any"]!.ToString());
        Assert.Equal("""[{"id":"tasks-1","name":"a","note":"b"}]""", dataset.Shown("tasksData").ToJsonString());
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"t7\"")]
    public void A_removed_record_comes_back_under_its_own_id(string id)
    {
        var dataset = Load($$"""{"tasks":[{"id":{{id}} }],"dependencies":[]}""");
        dataset.Submit($$"""{"tasks":{"removed":[{"id":{{id}} }]} }""", 1);
        Assert.Empty(dataset.Shown("tasksData").AsArray());

        var back = dataset
            .Reloaded()
            .Submit(
                $$"""{"tasks":{"added":[{"$PhantomId":{{id}} }]},"dependencies":{"added":[{"$PhantomId":"d","from":{{id}} }]} }""",
                2
            );

        Assert.Contains($$""" {"id":{{id}},"$PhantomId":{{id}}}""".Trim(), back.Text(), StringComparison.Ordinal);
        Assert.Contains($$""" "from":{{id}}}""".Trim(), back.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_came_back_stays_new_to_its_author_and_is_updated()
    {
        var dataset = Load("""{"tasks":[{"id":7,"name":"a","note":"n"}]}""");
        dataset.Submit("""{"tasks":{"removed":[{"id":7}]}}""", 1);
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":7,"name":"a","note":"n"}]}}""", 2);
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":7,"name":"b"}]}}""", 3);

        Assert.Equal("""[{"id":7,"name":"b","note":"n"}]""", dataset.Shown("tasksData").ToJsonString());
    }

    [Fact]
    public void A_phantom_that_could_be_any_text_changes_only_links_of_later_authors()
    {
        var dataset = Load("""{"resources":[{"id":"x"}]}""");
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"low"},{"$PhantomId":"x"}]}}""", 1);

        const string Later =
            """{"tasks":{"updated":[{"id":"t","priority":"low"}]},"assignments":{"updated":[{"id":"a","resource":"x","event":"low"}]}}""";

        Assert.Equal(
            Later.Replace("\"event\":\"low\"", "\"event\":\"tasks-1\"", StringComparison.Ordinal),
            dataset.Accept(Later, 2).Text()
        );
    }

    [Fact]
    public void Ids_inside_baselines_and_segments_are_data()
    {
        const string Changes =
            """{"tasks":{"updated":[{"id":"t","baselines":[{"id":"_generatedTimeSpan_1"}]}],"$input":{"updated":[]}}}""";

        Assert.Equal(Changes, Empty().Accept(Changes).Text());
    }

    [Fact]
    public void The_intervals_of_a_new_calendar_become_a_plain_array_with_lasting_ids()
    {
        const string Changes =
            """{"calendars":{"added":[{"$PhantomId":"k","intervals":{"added":[{"$PhantomId":"i","isWorking":false}]}}],"$input":{"added":[{"$PhantomId":"k","intervals":{"added":[{"$PhantomId":"i","isWorking":false}]}}]}}}""";
        var dataset = Empty();

        var first = dataset.Submit(Changes, 1);
        var second = dataset.Submit(Changes, 2);

        const string Calendar =
            """{"id":"calendars-1","$PhantomId":"k","intervals":[{"id":"intervals-1","$PhantomId":"i","isWorking":false}]}""";
        Assert.Equal(
            $$$"""{"calendars":{"added":[{{{Calendar}}}],"$input":{"added":[{{{Calendar}}}]} } }""".Replace(
                " ",
                "",
                StringComparison.Ordinal
            ),
            first.Text()
        );
        Assert.Equal(first.Text(), second.Text());
    }

    [Fact]
    public void A_change_set_that_needs_nothing_is_passed_on_as_it_came()
    {
        byte[] changes =
        [
            .. """{ "tasks" : {"updated":[ {"id":"unknown", "na\u006de":"x"} ],"removed":[{"id":9}], "$input":{} } }"""u8,
        ];

        var accepted = Assert.IsType<ChangeDecision.Accepted>(Empty().Decide(changes, 1));

        Assert.True(accepted.Changes.Equals(changes.AsMemory()));
    }

    [Fact]
    public void Deciding_changes_nothing()
    {
        var dataset = Load("""{"tasks":[{"id":1}]}""");
        var before = dataset.Snapshot();

        dataset.Accept(
            """{"tasks":{"added":[{"$PhantomId":"p","parentId":1}],"removed":[{"id":1}]},"new":{"added":[{"$PhantomId":"n"}]}}"""
        );

        Assert.Equal(before, dataset.Snapshot());
    }
}
