using System.Text.Json;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Several pages edit one project.</summary>
public abstract class Editing_together(TestServer server)
{
    [Fact]
    public async Task A_change_reaches_all_clients_including_its_author_as_it_was_written()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var ines = await plan.OpenAsync("Ines");
        const string Changes =
            """{"tasks":{"updated":[{"name":"Caf\u00e9 \/ 1.0","startDate":"2027-04-13T00:00:00","effort":1.50,"id":10}],"$input":{"updated":[{"id":10,"name":"Caf\u00e9 \/ 1.0"}]}},"project":{"hoursPerDay":8.0}}""";
        var published = await hugo.ChangeAsync(Changes);
        await hugo.ExpectAsync(published);
        await ines.ExpectAsync(published);
        Assert.Equal("Café / 1.0", (await plan.LoadAsync()).TaskName("10"));
    }

    [Theory]
    [InlineData(2, 25)]
    [InlineData(10, 8)]
    public async Task Pages_that_edit_at_once_all_see_one_and_the_same_sequence(int people, int changes)
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync(Enumerable.Range(1, people).Select(static number => $"Person{number}"));
        var first = pages[0].Revision;
        var editing = pages.Select(page => EditAsync(page, plan.Project, changes));
        await Task.WhenAll(editing);
        var seen = await Task.WhenAll(pages.Select(page => page.RevisionsAsync(people * changes)));
        var sequence = seen[0].Select(static revision => revision.GetRawText()).ToList();
        foreach (var other in seen)
        {
            Assert.Equal(sequence, other.Select(static revision => revision.GetRawText()));
        }

        foreach (var page in pages)
        {
            var own = seen[0].Where(revision => revision.GetProperty("client").GetRawText() == page.Client);
            Assert.Equal(
                Enumerable.Range(1, changes).Select(static number => $"local-{number}"),
                own.Select(static revision => revision.GetProperty("localRevision").GetString())
            );
        }

        var loaded = await plan.LoadAsync();
        Assert.Equal(first + (people * changes), loaded.Revision);
        Assert.Equal(LastName(seen[0]), loaded.TaskName("10"));
    }

    [Fact]
    public async Task A_queue_of_revisions_in_one_message_comes_back_in_its_order()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var ines = await plan.OpenAsync("Ines");
        var revisions = Enumerable
            .Range(1, 50)
            .Select(number => Say.Revision($"local-{number}", hugo.Client, Say.Rename("10", $"Name {number}")));
        await hugo.SendAsync(Say.Change(plan.Project, hugo.Client, revisions));
        foreach (var page in (Page[])[hugo, ines])
        {
            Assert.Equal(
                Enumerable.Range(1, 50).Select(static number => $"local-{number}"),
                (await page.RevisionsAsync(50)).Select(static revision => revision.GetProperty("localRevision").GetString())
            );
        }

        Assert.Equal("Name 50", (await plan.LoadAsync()).TaskName("10"));
    }

    [Fact]
    public async Task A_page_that_comes_in_the_middle_misses_nothing_and_sees_nothing_twice()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var last = hugo.Revision + 40;
        var editing = EditAsync(hugo, plan.Project, 40);
        var newcomer = await plan.EnterAsync("Ines");
        var loaded = await newcomer.LoadAsync();
        await editing;

        // The page itself checks that numbers continue from its dataset without a gap.
        await newcomer.RevisionsAsync((int)(last - loaded.Revision));
        Assert.Equal(last, newcomer.Revision);
    }

    [Fact]
    public async Task What_names_a_conflict_is_passed_on_with_its_type()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var ines = await plan.OpenAsync("Ines");
        await hugo.SendAsync(
            Say.Change(
                plan.Project,
                "\"c\"",
                """{"revision":"local-1","conflictResolutionFor":41,"changes":{}}""",
                """{"revision":2,"conflictResolutionFor":"server-41","changes":{}}""",
                """{"revision":"local-3","conflictResolutionFor":null,"changes":{}}"""
            )
        );
        var seen = await ines.RevisionsAsync(3);
        Assert.Equal("41", seen[0].GetProperty("conflictResolutionFor").GetRawText());
        Assert.Equal("\"server-41\"", seen[1].GetProperty("conflictResolutionFor").GetRawText());
        Assert.Equal("2", seen[1].GetProperty("localRevision").GetRawText());
        Assert.False(seen[2].TryGetProperty("conflictResolutionFor", out _));
    }

    /// <summary>Sends without waiting for responses, as a busy page does.</summary>
    private static async Task EditAsync(Page page, string project, int changes)
    {
        for (var number = 1; number <= changes; number++)
        {
            var revision = Say.Revision($"local-{number}", page.Client, Say.Rename("10", $"{page.Name} {number}"));
            await page.SendAsync(Say.Change(project, page.Client, revision));
        }
    }

    private static string? LastName(List<JsonElement> revisions) =>
        revisions[^1]
            .GetProperty("changes")
            .GetProperty("tasks")
            .GetProperty("updated")[0]
            .GetProperty("name")
            .GetString();
}

public sealed class Editing_together_in_process(InProcessServer server) : Editing_together(server);

public sealed class Editing_together_over_http(HttpServer server) : Editing_together(server);

public sealed class Editing_together_in_the_Functions_worker(WorkerServer server) : Editing_together(server);
