using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Resetting a project to its initial state, for all users.</summary>
public abstract class Resetting(TestServer server)
{
    private const string First = "Legal review of the lease";

    [Fact]
    public async Task All_subscribers_get_the_dataset_and_then_the_notice_and_go_on_from_there()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines", "Omar");
        var (hugo, ines) = (pages[0], pages[1]);
        var elsewhere = await plan.EnterAsync("Elsewhere");
        await ines.ChangeAsync(Say.Rename("10", "To be lost"));
        foreach (var page in pages)
        {
            await page.RevisionsAsync(1);
        }

        var number = hugo.Revision + 1;
        await hugo.SendAsync(Say.Reset(plan.Project));
        foreach (var page in pages)
        {
            var dataset = await page.NextAsync();
            Assert.Equal("dataset", dataset.Command);
            Assert.Equal(plan.Project, dataset.Data.GetProperty("project").GetRawText());
            Assert.Equal(number, dataset.Revision);
            Assert.Equal(First, dataset.TaskName("10"));
            await page.ExpectAsync(
                $$$"""{"command":"reset","data":{"project":{{{plan.Project}}},"userName":"{{{hugo.Name}}}"}}"""
            );
        }

        // Numbers and edits continue.
        var published = await ines.ChangeAsync(Say.Rename("10", "After the reset"));
        foreach (var page in pages)
        {
            await page.ExpectAsync(published);
        }

        await elsewhere.ExpectNothingAsync();
        Assert.Equal("After the reset", (await plan.LoadAsync()).TaskName("10"));
    }

    [Fact]
    public async Task A_change_made_before_the_reset_is_not_applied_after_it()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        var (hugo, ines) = (pages[0], pages[1]);
        var late = Say.Change(plan.Project, ines.Client, Say.Revision("local-1", ines.Client, Say.Rename("10", "Too late")));
        await hugo.SendAsync(Say.Reset(plan.Project));
        Assert.Equal("dataset", (await hugo.NextAsync()).Command);
        Assert.Equal("reset", (await hugo.NextAsync()).Command);
        await ines.SendAsync(late);
        Assert.Equal("dataset", (await ines.NextAsync()).Command);
        Assert.Equal("reset", (await ines.NextAsync()).Command);

        // The seed's page states no dataset: it is answered at once, and gets one more when the window is over.
        var told = await ines.NextAsync();
        Assert.True(told is { Command: "project_change", Error: not null }, told.Text);
        var resynced = await ines.NextAsync();
        Assert.True(resynced is { Command: "dataset", Error: null }, resynced.Text);
        Assert.Equal(First, resynced.TaskName("10"));
        await hugo.ExpectNothingAsync();
        Assert.Equal(First, (await plan.LoadAsync()).TaskName("10"));
    }

    [Fact]
    public async Task A_page_that_names_its_dataset_is_told_apart_exactly()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var old = hugo.DatasetRevision;
        await hugo.SendAsync(Say.Reset(plan.Project));
        Assert.Equal("dataset", (await hugo.NextAsync()).Command);
        Assert.Equal("reset", (await hugo.NextAsync()).Command);
        var late = Say.Revision(hugo.NextLocal(), hugo.Client, Say.Rename("10", "Too late"));
        await hugo.SendAsync(Say.ChangeOn(old, plan.Project, hugo.Client, late));

        // The dataset that outdates it has arrived.
        await hugo.ExpectNothingAsync();
        await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("11", "In time")));
        Assert.Equal(First, (await plan.LoadAsync()).TaskName("10"));
    }

    [Fact]
    public async Task A_client_that_has_not_opened_the_project_cannot_reset_it()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var outside = await plan.EnterAsync("Outside");
        await outside.SendAsync(Say.Reset(plan.Project));
        var refused = await outside.NextAsync();
        Assert.Equal("reset", refused.Command);
        Assert.Equal("Subscription to project is required. Load project first", refused.Error);
        await hugo.ExpectNothingAsync();
    }
}

public sealed class Resetting_in_process(InProcessServer server) : Resetting(server);

public sealed class Resetting_over_http(HttpServer server) : Resetting(server);

public sealed class Resetting_in_the_Functions_worker(WorkerServer server) : Resetting(server);
