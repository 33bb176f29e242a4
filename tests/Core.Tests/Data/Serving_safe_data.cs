using static ServerlessSync.Core.Tests.Data.DatasetTesting;

namespace ServerlessSync.Core.Tests.Data;

public sealed class Serving_safe_data
{
    private const string Tasks = """ "tasks":[{"id":1},{"id":2},{"id":3},{"id":4}] """;

    [Fact]
    public void Links_that_lead_nowhere_are_left_out()
    {
        var dataset = Load(
            $$"""
            { {{Tasks}}, "resources":[{"id":"r"}],
            "dependencies":[{"id":"ok","from":1,"toTask":2},{"id":"b","fromEvent":1,"toEvent":9},{"id":"c","from":"1","to":2},{"id":"d","from":1},{"id":"e","from":1,"to":null},{"id":"f","from":1,"fromTask":3,"to":2}],
            "assignments":[{"id":"ok","event":1,"resource":"r"},{"id":"ok2","eventId":2,"resourceId":"r"},{"id":"x","event":9,"resource":"r"},{"id":"y","event":1,"resource":"s"},{"id":"z"}] }
            """
        );

        Assert.Equal("ok", dataset.Tree("dependenciesData"));
        Assert.Equal("ok,ok2", dataset.Tree("assignmentsData"));
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
    public void The_content_of_a_version_is_kept_back()
    {
        var dataset = Load("""{"versions":[{"id":"v","name":"n","content":{"big":[1]},"savedAt":"x"}]}""");

        Assert.Equal("""[{"id":"v","name":"n","savedAt":"x"}]""", dataset.Shown("versionsData").ToJsonString());
        Assert.Contains("big", dataset.Snapshot(), StringComparison.Ordinal);
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
