using System.Text;
using ServerlessSync.Core.Datasets.Records;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Serving_safe_data
{
    private const string Tasks = """ "tasks":[{"id":1},{"id":2},{"id":3},{"id":4}] """;

    [Fact]
    public void Links_that_lead_nowhere_are_left_out()
    {
        var dataset = Load(
            $$"""
            { {{Tasks}}, "resources":[{"id":"r"}],
            "dependencies":[{"id":"ok","from":1,"toTask":2},{"id":"b","fromEvent":1,"toEvent":9},{"id":"d","from":1},{"id":"e","from":1,"to":null},{"id":"f","from":true,"fromEvent":1,"to":2},{"id":"g","from":{"name":1},"to":2}],
            "assignments":[{"id":"ok","event":1,"resource":"r"},{"id":"ok2","eventId":2,"resourceId":"r"},{"id":"x","event":9,"resource":"r"},{"id":"y","event":1,"resource":"s"},{"id":"z"}] }
            """
        );

        Assert.Equal("ok", dataset.Tree("dependenciesData"));
        Assert.Equal("ok,ok2", dataset.Tree("assignmentsData"));
    }

    [Fact]
    public void Roots_tell_no_parentIndex_by_which_clients_would_show_another_order()
    {
        var dataset = Load("""{"tasks":[{"id":1,"parentIndex":0,"orderedParentIndex":0},{"id":2,"parentIndex":1,"orderedParentIndex":1,"children":[{"id":3,"parentIndex":9}]}]}""");

        dataset.Submit("""{"tasks":{"updated":[{"id":1,"orderedParentIndex":1},{"id":2,"orderedParentIndex":0}]}}""", 1);

        Assert.Equal(
            """[{"id":2,"parentIndex":0,"orderedParentIndex":0,"children":[{"id":3,"parentIndex":9}]},{"id":1,"parentIndex":1,"orderedParentIndex":1}]""",
            dataset.Shown("tasksData").ToJsonString()
        );
        Assert.Equal("2(3),1", Load(dataset.Shown()).Tree());
    }

    [Fact]
    public void A_link_that_dangles_is_served_again_when_its_task_comes_back()
    {
        var dataset = Load($$"""{ {{Tasks}}, "dependencies":[{"id":"d","from":1,"to":2}] }""");
        dataset.Submit("""{"tasks":{"removed":[{"id":2}]}}""", 1);
        Assert.Empty(dataset.Shown("dependenciesData").AsArray());

        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":2}]}}""", 2);

        Assert.Equal("d", dataset.Tree("dependenciesData"));
    }

    [Fact]
    public void The_newest_link_of_a_cycle_is_switched_off()
    {
        var dataset = Load(
            $$"""{ {{Tasks}}, "dependencies":[{"id":"a","from":1,"to":2},{"id":"b","fromEvent":2,"toEvent":3},{"id":"c","fromTask":3,"toTask":1,"active":true,"lag":1},{"id":"d","from":3,"to":4},{"id":"e","from":4,"to":4}] }"""
        );

        Assert.Equal(
            """[{"id":"a","from":1,"to":2},{"id":"b","fromEvent":2,"toEvent":3},{"id":"c","fromTask":3,"toTask":1,"lag":1,"active":false},{"id":"d","from":3,"to":4},{"id":"e","from":4,"to":4,"active":false}]""",
            dataset.Shown("dependenciesData").ToJsonString()
        );
    }

    [Fact]
    public void A_link_that_is_already_off_closes_no_cycle()
    {
        var dataset = Load(
            $$"""{ {{Tasks}}, "dependencies":[{"id":"a","from":1,"to":2,"active":false},{"id":"b","from":2,"to":1}] }"""
        );

        Assert.Equal(
            """[{"id":"a","from":1,"to":2,"active":false},{"id":"b","from":2,"to":1}]""",
            dataset.Shown("dependenciesData").ToJsonString()
        );
    }

    [Theory]
    [InlineData("""{"id":"a","to":1}""", """{"id":"a","from":2,"to":1,"active":false}""")]
    [InlineData("""{"id":"a","lag":1,"to":1}""", """{"id":"a","from":2,"to":1,"lag":1,"active":false}""")]
    public void A_link_that_was_turned_is_newer_than_one_that_was_added_later(string update, string shown)
    {
        var dataset = Load(
            $$"""{ {{Tasks}}, "dependencies":[{"id":"a","from":2,"to":3},{"id":"b","from":1,"to":2}] }"""
        );

        dataset.Submit($$$"""{"dependencies":{"updated":[{{{update}}}]} }""", 1);

        Assert.Contains(shown, dataset.Shown(), StringComparison.Ordinal);
        Assert.Contains(shown, dataset.Reloaded().Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_content_of_a_version_is_kept_apart_from_what_is_served_and_remembered()
    {
        var parsed = Assert.IsType<DatasetResult.Parsed>(
            Dataset.Parse("""{"versions":[{"id":"v","name":"n","content":{"big":[1.0]},"savedAt":"x"}]}"""u8.ToArray())
        );
        var accepted = parsed.Dataset.Submit(
            """{"versions":{"updated":[{"id":"v","content":{"large":2}}],"$input":{"updated":[{"id":"v","content":{"large":1}}]}}}""",
            1
        );

        Assert.Equal("""{"big":[1.0]}""", Encoding.UTF8.GetString(Assert.Single(parsed.Contents).Json.Span));
        Assert.Equal("""{"large":2}""", Encoding.UTF8.GetString(Assert.Single(accepted.Contents).Json.Span));
        Assert.Equal(
            """{"versions":{"updated":[{"id":"v"}],"$input":{"updated":[{"id":"v"}]}}}""",
            accepted.Text()
        );
        Assert.Equal("""[{"id":"v","name":"n","savedAt":"x"}]""", parsed.Dataset.Shown("versionsData").ToJsonString());
        Assert.DoesNotContain("big", parsed.Dataset.Snapshot(), StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_tasks_hand_on_what_constrains_them_and_end_with_what_is_below_them()
    {
        const string Tree =
            """ "tasks":[{"id":"A","children":[{"id":"a1"},{"id":"a2"}]},{"id":"B","children":[{"id":"b1"},{"id":"b2"}]}] """;

        Assert.Equal("l", OffIn("""{"id":"l","from":"A","to":"a1"}"""));
        Assert.Equal("l", OffIn("""{"id":"l","from":"a1","to":"A"}"""));
        Assert.Equal("l", OffIn("""{"id":"k","from":"A","to":"B"},{"id":"l","from":"b1","to":"a2"}"""));
        Assert.Equal("l", OffIn("""{"id":"k","from":"A","to":"b1"},{"id":"l","from":"B","to":"a1"}"""));
        Assert.Equal("", OffIn("""{"id":"k","from":"a1","to":"b1"},{"id":"l","from":"b2","to":"a2"}"""));
        Assert.Equal("", OffIn("""{"id":"k","from":"a1","to":"B"},{"id":"l","from":"b1","to":"a2"}"""));

        static string OffIn(string links) =>
            string.Join(
                ',',
                Load($$"""{ {{Tree}}, "dependencies":[{{links}}] }""")
                    .Shown("dependenciesData")
                    .AsArray()
                    .Where(link => link!["active"]?.GetValue<bool>() == false)
                    .Select(link => link!["id"]!.ToString())
            );
    }

    [Fact]
    public void A_tangle_of_links_is_served_in_bounded_time()
    {
        var tasks = string.Join(',', Enumerable.Range(0, 2_000).Select(n => $$"""{"id":{{n}}}"""));
        var links = string.Join(
            ',',
            Enumerable
                .Range(0, 20_000)
                .Select(n => $$"""{"id":{{n}},"from":{{n * 7919 % 2_000}},"to":{{n * 104_729 % 1_999}}}""")
        );

        var shown = Load($$"""{"tasks":[{{tasks}}],"dependencies":[{{links}}]}""").Shown("dependenciesData").AsArray();

        Assert.Equal(20_000, shown.Count);
        Assert.True(Invariants.IsAcyclic(shown));
    }
}
