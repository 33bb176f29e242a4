using System.Text.Json.Nodes;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Cutting_what_kills_clients
{
    [Fact]
    public void A_task_added_under_a_removed_phase_goes_with_all_below_it()
    {
        var dataset = Load("""{"tasks":[{"id":"phase"},{"id":"other"}]}""");
        dataset.Submit("""{"tasks":{"removed":[{"id":"phase"}],"$input":{"removed":[{"id":"phase"}]}}}""", 1);

        var accepted = dataset.Submit(
            """
            {"tasks":{"added":[{"$PhantomId":"grandchild","parentId":"child"},{"$PhantomId":"child","parentId":"phase"},{"$PhantomId":"fine","parentId":"other"}],
            "updated":[{"id":"other","duration":9}],
            "$input":{"added":[{"$PhantomId":"child","parentId":"phase"},{"$PhantomId":"grandchild","parentId":"child"},{"$PhantomId":"fine","parentId":"other"}],"updated":[{"id":"other","name":"n"}]}},
            "assignments":{"added":[{"$PhantomId":"a","event":"child"}]}}
            """,
            2
        );

        Assert.True(accepted.Cut);
        Assert.Equal("fine", Phantoms(accepted.Node()["tasks"]!["added"]!));
        Assert.Equal("fine", Phantoms(accepted.Node()["tasks"]!["$input"]!["added"]!));
        Assert.Single(accepted.Node()["assignments"]!["added"]!.AsArray());
        Assert.Equal("other(tasks-2-3)", dataset.Tree());
        Assert.Contains("\"name\":\"n\"", dataset.Shown(), StringComparison.Ordinal);
        Assert.DoesNotContain("duration", dataset.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void New_records_that_are_each_others_parents_go_too()
    {
        var accepted = Empty()
            .Accept(
                """{"tasks":{"added":[{"$PhantomId":"a","parentId":"b"},{"$PhantomId":"b","parentId":"a"},{"$PhantomId":"c","parentId":"c"},{"$PhantomId":"d","parentId":"a"}]}}"""
            );

        Assert.True(accepted.Cut);
        Assert.Empty(accepted.Node()["tasks"]!["added"]!.AsArray());
    }

    [Fact]
    public void A_parent_that_only_the_results_add_does_not_exist_for_others()
    {
        var accepted = Empty()
            .Accept(
                """{"tasks":{"added":[{"$PhantomId":"a"},{"$PhantomId":"b","parentId":"a"}],"$input":{"added":[{"$PhantomId":"b","parentId":"a"}]}}}"""
            );

        Assert.True(accepted.Cut);
        Assert.Equal("a", Phantoms(accepted.Node()["tasks"]!["added"]!));
        Assert.Empty(accepted.Node()["tasks"]!["$input"]!["added"]!.AsArray());
    }

    [Fact]
    public void What_falls_out_of_the_input_takes_its_children_out_of_the_results()
    {
        var accepted = Empty()
            .Accept(
                """{"tasks":{"added":[{"$PhantomId":"a"},{"$PhantomId":"b","parentId":"a"}],"$input":{"added":[{"$PhantomId":"a","parentId":"gone"}]}}}"""
            );

        Assert.Equal("""{"tasks":{"added":[],"$input":{"added":[]}}}""", accepted.Text());
    }

    [Theory]
    [InlineData("""[{"id":1,"parentId":2,"orderedParentIndex":0,"name":"x"}]""")]
    [InlineData("""[{"id":1,"parentId":1,"name":"x"}]""")]
    [InlineData("""[{"id":1,"parentId":"nobody","name":"x"}]""")]
    public void A_move_that_makes_no_tree_loses_its_place_but_nothing_else(string updated)
    {
        var dataset = Load("""{"tasks":[{"id":1,"children":[{"id":2}]}]}""");

        var accepted = dataset.Submit(
            $$$"""{"tasks":{"updated":{{{updated}}},"$input":{"updated":{{{updated}}} } } }""",
            1
        );

        Assert.True(accepted.Cut);
        Assert.Equal(
            """{"tasks":{"updated":[{"id":1,"name":"x"}],"$input":{"updated":[{"id":1,"name":"x"}]}}}""",
            accepted.Text()
        );
        Assert.Equal("1(2)", dataset.Tree());
        Assert.Contains("\"name\":\"x\"", dataset.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parent_and_child_may_change_places_in_one_revision()
    {
        var dataset = Load("""{"tasks":[{"id":1,"children":[{"id":2}]}]}""");

        var accepted = dataset.Submit("""{"tasks":{"updated":[{"id":1,"parentId":2},{"id":2,"parentId":null}]}}""", 1);

        Assert.False(accepted.Cut);
        Assert.Equal("2(1)", dataset.Tree());
    }

    [Fact]
    public void A_move_under_a_new_record_below_itself_is_a_cycle()
    {
        var dataset = Load("""{"tasks":[{"id":1}]}""");

        var accepted = dataset.Submit(
            """{"tasks":{"added":[{"$PhantomId":"p","parentId":1}],"updated":[{"id":1,"parentId":"p"}],"$input":{"added":[{"$PhantomId":"p","parentId":1}]}}}""",
            1
        );

        Assert.True(accepted.Cut);
        Assert.Equal("1(tasks-1)", dataset.Tree());
    }

    [Fact]
    public void Resources_and_calendars_are_trees_as_well() =>
        Assert.True(Empty().Accept("""{"resources":{"added":[{"$PhantomId":"r","parentId":"gone"}]}}""").Cut);

    [Fact]
    public void Project_values_of_a_cut_revision_are_stored_as_the_user_set_them()
    {
        var dataset = Empty();

        dataset.Submit(
            """{"tasks":{"added":[{"$PhantomId":"a","parentId":"gone"}]},"project":{"startDate":"derived","name":"n","$input":{"name":"n"}}}""",
            1
        );

        Assert.Equal("""{"name":"n"}""", dataset.Shown("project").ToJsonString());
    }

    private static string Phantoms(JsonNode records) =>
        string.Join(',', records.AsArray().Select(record => record!["$PhantomId"]!.ToString()));
}
