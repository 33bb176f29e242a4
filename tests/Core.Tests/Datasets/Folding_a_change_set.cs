using System.Text;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Folding_a_change_set
{
    [Fact]
    public void Results_are_stored_and_input_is_not()
    {
        var dataset = Load("""{"tasks":[{"id":1,"name":"a","note":"old"}]}""");

        dataset.Submit(
            """{"tasks":{"updated":[{"id":1,"endDate":"2026-01-05T00:00:00","name":"b"}],"$input":{"updated":[{"id":1,"name":"b","onlyInput":1}]}}}""",
            1
        );

        Assert.Equal(
            """[{"id":1,"name":"b","note":"old","endDate":"2026-01-05T00:00:00"}]""",
            dataset.Shown("tasksData").ToJsonString()
        );
    }

    [Fact]
    public void A_correction_without_input_is_stored_and_its_project_id_is_not()
    {
        var dataset = Load("""{"tasks":[{"id":1}],"project":{"a":1.0}}""");

        dataset.Submit(
            """{"tasks":{"updated":[{"id":1,"constraintDate":"d"}]},"project":{"id":"gantt1","b":2.50}}""",
            1
        );

        Assert.Contains("\"constraintDate\":\"d\"", dataset.Shown(), StringComparison.Ordinal);
        Assert.Equal("""{"a":1.0,"b":2.50}""", dataset.Shown("project").ToJsonString());
    }

    [Fact]
    public void Markers_of_the_protocol_are_not_stored()
    {
        var dataset = Load("""{"tasks":[{"id":"t"}]}""");

        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"p","$PhantomParentId":"q","parentId":"t"}]}}""", 1);

        Assert.DoesNotContain("$Phantom", dataset.Shown(), StringComparison.Ordinal);
        Assert.DoesNotContain("parentId", dataset.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Removing_a_parent_takes_what_others_put_below_it()
    {
        var dataset = Load("""{"tasks":[{"id":1,"children":[{"id":2,"children":[{"id":3}]}]},{"id":4}]}""");

        dataset.Submit("""{"tasks":{"removed":[{"id":1},{"id":99}]}}""", 1);
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":3}]}}""", 2);

        Assert.Equal("4,3", dataset.Tree());
    }

    [Fact]
    public void A_child_that_leaves_in_the_same_revision_outlives_its_parent()
    {
        var dataset = Load("""{"tasks":[{"id":1,"children":[{"id":2}]}]}""");

        dataset.Submit("""{"tasks":{"removed":[{"id":1}],"updated":[{"id":2,"parentId":null}]}}""", 1);

        Assert.Equal("2", dataset.Tree());
    }

    [Theory]
    [InlineData(0, "n,a,b,c")]
    [InlineData(1, "a,n,b,c")]
    [InlineData(3, "a,b,c,n")]
    public void An_added_task_pushes_its_later_siblings(int place, string order)
    {
        var dataset = Load(
            """{"tasks":[{"id":"a","orderedParentIndex":0},{"id":"b","orderedParentIndex":1},{"id":"c","orderedParentIndex":2}]}"""
        );

        dataset.Submit($$"""{"tasks":{"added":[{"$PhantomId":"p","orderedParentIndex":{{place}} }]} }""", 1);

        Assert.Equal(order.Replace("n", "tasks-1", StringComparison.Ordinal), dataset.Tree());
        Assert.Equal(
            "0,1,2,3",
            string.Join(
                ',',
                dataset.Shown("tasksData").AsArray().Select(task => task!["orderedParentIndex"]!.ToString())
            )
        );
    }

    [Fact]
    public void Of_two_added_at_one_place_the_later_stands_first()
    {
        var dataset = Load("""{"tasks":[{"id":"a"},{"id":"b"}]}""");

        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"p","orderedParentIndex":1}]}}""", 1);
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"q","orderedParentIndex":1}]}}""", 2);
        dataset.Submit(
            """{"tasks":{"added":[{"$PhantomId":"s","orderedParentIndex":2},{"$PhantomId":"r","orderedParentIndex":1}]}}""",
            3
        );

        Assert.Equal("a,tasks-3-2,tasks-3,tasks-2,tasks-1,b", dataset.Tree());
    }

    [Fact]
    public void Order_follows_updates_and_an_add_of_a_known_record_moves_no_sibling()
    {
        var dataset = Load("""{"tasks":[{"id":"a"},{"id":"b"},{"id":"c"}]}""");

        dataset.Submit(
            """{"tasks":{"updated":[{"id":"a","orderedParentIndex":2},{"id":"b","orderedParentIndex":0},{"id":"c","orderedParentIndex":1}]}}""",
            1
        );
        Assert.Equal("b,c,a", dataset.Tree());

        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"a","orderedParentIndex":1,"parentIndex":0}]}}""", 2);
        Assert.Equal("b,a,c", dataset.Tree());
    }

    [Fact]
    public void A_new_record_pushes_a_known_one_that_comes_to_its_place_in_the_same_revision()
    {
        var dataset = Load("""{"tasks":[{"id":"e"},{"id":"f"}]}""");

        dataset.Submit(
            """{"tasks":{"added":[{"$PhantomId":"x","orderedParentIndex":3},{"$PhantomId":"e","orderedParentIndex":3}]}}""",
            1
        );

        Assert.Equal("f,tasks-1,e", dataset.Tree());
    }

    [Fact]
    public void A_task_that_moves_without_a_place_stands_last()
    {
        var dataset = Load(
            """{"tasks":[{"id":1},{"id":2,"children":[{"id":3,"orderedParentIndex":0},{"id":4,"orderedParentIndex":1}]}]}"""
        );

        dataset.Submit("""{"tasks":{"updated":[{"id":1,"parentId":2}]}}""", 1);

        Assert.Equal("2(3,4,1)", dataset.Tree());
    }

    [Theory]
    [InlineData("""{"updated":[{"id":1,"parentId":3,"orderedParentIndex":0},{"id":1,"parentId":null}]}""", "2,3(4),1")]
    [InlineData("""{"updated":[{"id":1,"parentId":3},{"id":1,"parentId":null,"orderedParentIndex":0}]}""", "1,2,3(4)")]
    [InlineData(
        """{"added":[{"$PhantomId":"p","parentId":3,"orderedParentIndex":0}],"updated":[{"id":"p","parentId":null}]}""",
        "1,2,3(4),tasks-1"
    )]
    [InlineData(
        """{"added":[{"$PhantomId":1,"parentId":3,"orderedParentIndex":1},{"$PhantomId":"p","parentId":3,"orderedParentIndex":1}],"updated":[{"id":1,"parentId":null},{"id":2,"parentId":3,"orderedParentIndex":5}]}""",
        "3(4,tasks-1,2),1"
    )]
    public void A_record_that_moves_twice_takes_nothing_of_its_first_place_along(string changes, string tree)
    {
        var dataset = Load("""{"tasks":[{"id":1},{"id":2},{"id":3,"children":[{"id":4,"orderedParentIndex":5}]}]}""");

        dataset.Submit($$"""{"tasks":{{changes}}}""", 1);

        Assert.Equal(tree, dataset.Tree());
    }

    [Fact]
    public void Odd_indexes_are_kept_as_they_are()
    {
        var dataset = Load("""{"tasks":[{"id":1,"orderedParentIndex":1.0},{"id":2,"orderedParentIndex":"x"}]}""");
        Assert.Contains("1.0", dataset.Shown(), StringComparison.Ordinal);

        dataset.Submit(
            """{"tasks":{"updated":[{"id":1,"orderedParentIndex":4},{"id":2,"orderedParentIndex":null}]}}""",
            1
        );

        Assert.Equal(
            """[{"id":1,"orderedParentIndex":4},{"id":2,"orderedParentIndex":null}]""",
            dataset.Shown("tasksData").ToJsonString()
        );
    }

    [Fact]
    public void Names_are_equal_however_they_are_spelled()
    {
        var dataset = Load("""{"foo":[{"id":1,"na\u006de":"a","q\"\u0007":1}],"project":{"\u0061":1}}""");

        dataset.Submit("""{"foo":{"updated":[{"id":1,"name":"b","\u0071\"\u0007":2}]},"project":{"a":2}}""", 1);

        Assert.Contains("""[{"id":1,"name":"b","q\"\u0007":2}]""", dataset.Shown(), StringComparison.Ordinal);
        Assert.Equal("""{"a":2}""", dataset.Shown("project").ToJsonString());
    }

    [Fact]
    public void A_link_that_moves_under_one_name_loses_its_end_under_another()
    {
        var dataset = Load(
            """{"tasks":[{"id":1},{"id":2},{"id":3}],"dependencies":[{"id":"d","fromEvent":1,"from":1,"toTask":2}]}"""
        );

        dataset.Submit("""{"dependencies":{"updated":[{"id":"d","to":3}]}}""", 1);

        Assert.Equal(
            """[{"id":"d","fromEvent":1,"from":1,"to":3}]""",
            dataset.Shown("dependenciesData").ToJsonString()
        );
    }

    [Fact]
    public void Interval_changes_of_a_calendar_end_in_a_plain_array()
    {
        var dataset = Load(
            """{"calendars":[{"id":"k","intervals":[{"id":"a","isWorking":true},{"id":"b"},{"name":"no id"}]}]}"""
        );

        dataset.Submit(
            """{"calendars":{"updated":[{"id":"k","intervals":{"added":[{"$PhantomId":"n","recurrentStartDate":"x"}],"updated":[{"id":"a","isWorking":false}],"removed":[{"id":"b"}]}}]}}""",
            1
        );

        Assert.Equal(
            """[{"id":"k","intervals":[{"id":"a","isWorking":false},{"name":"no id"},{"id":"intervals-1","recurrentStartDate":"x"}]}]""",
            dataset.Shown("calendarsData").ToJsonString()
        );
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"tasks":7,"project":[],"x":{"added":{},"updated":[1,{}],"removed":[null,{"id":[]}],"$input":3}}""")]
    [InlineData(
        """{"tasks":{"added":[{"id":1,"parentId":2},{"id":2,"parentId":1},{"id":3,"parentId":{}},{"name":"x"}]}}"""
    )]
    [InlineData("""{"tasks":{"updated":[{"id":"t","parentId":"t"}]}}""")]
    [InlineData("""{"tasks":{"added":[{"id":"t","id":"u","parentId":"gone"}]}}""")]
    public void Odd_content_of_an_old_log_does_not_stop_it(string changes)
    {
        var dataset = Load("""{"tasks":[{"id":"t"}]}""");

        dataset.Apply(Encoding.UTF8.GetBytes(changes), cut: false);
        dataset.Apply(Encoding.UTF8.GetBytes(changes), cut: true);

        Assert.StartsWith("t", dataset.Tree(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_takes_the_base_and_keeps_the_ids()
    {
        var initial = Load("""{"tasks":[{"id":1}]}""");
        var dataset = initial.Clone();
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"_generatedA"}],"removed":[{"id":1}]}}""", 1);
        dataset.Submit("""{"tasks":{"added":[{"id":"tasks-9"}]}}""", 2);

        dataset.ResetTo(initial);

        Assert.Equal(initial.Shown(), dataset.Shown());
        var later = dataset
            .Accept(
                """{"tasks":{"added":[{"$PhantomId":"_generatedA"},{"$PhantomId":"_generatedB"},{"$PhantomId":"tasks-1"}]}}""",
                9
            )
            .Node()["tasks"]!["added"]!;
        Assert.Equal(
            "tasks-1,tasks-9-2,tasks-1",
            string.Join(',', later.AsArray().Select(record => record!["id"]!.ToString()))
        );

        dataset.Submit("""{"tasks":{"updated":[{"id":1,"name":"x"}]}}""", 10);
        Assert.DoesNotContain("name", initial.Shown(), StringComparison.Ordinal);
    }
}
