using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>The three ways in which pages recognise their own revisions.</summary>
public abstract class Naming_clients(TestServer server)
{
    private const string Uuid = "\"0d9f6c1e-5a39-4c47-8a53-7f3f1c1c2b6a\"";

    private static readonly string Changes = Say.Rename("10", "Changed");

    [Fact]
    public async Task A_page_that_uses_the_id_of_its_login_gets_it_back()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = await OpenTwoAsync(plan);
        await hugo.SendAsync(Say.Change(plan.Project, hugo.Client, Say.Revision("local-1", hugo.Client, Changes)));
        var published = Say.Published(plan.Project, hugo.Revision + 1, "local-1", hugo.Client, Changes);
        await hugo.ExpectAsync(published);
        await ines.ExpectAsync(published);
    }

    [Theory]
    [InlineData(Uuid, Uuid, Uuid)]
    [InlineData(Uuid, null, Uuid)]
    [InlineData(null, Uuid, Uuid)]
    [InlineData("\"of the message\"", "\"of the revision\"", "\"of the revision\"")]
    [InlineData("7", "7", "7")]
    [InlineData("\"7\"", "\"7\"", "\"7\"")]
    public async Task A_page_with_an_id_of_its_own_gets_that_and_so_do_the_others(
        string? client,
        string? clientId,
        string shown
    )
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = await OpenTwoAsync(plan);
        await hugo.SendAsync(Say.Change(plan.Project, client, Say.Revision("local-1", clientId, Changes)));
        var published = Say.Published(plan.Project, hugo.Revision + 1, "local-1", shown, Changes);
        await hugo.ExpectAsync(published);
        await ines.ExpectAsync(published);
    }

    [Fact]
    public async Task A_page_without_an_id_gets_none_and_the_others_get_its_connection()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = await OpenTwoAsync(plan);
        await hugo.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, Changes)));
        await hugo.ExpectAsync(Say.Published(plan.Project, hugo.Revision + 1, "local-1", null, Changes));
        await ines.ExpectAsync(Say.Published(plan.Project, ines.Revision + 1, "local-1", hugo.Client, Changes));

        await ines.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, Changes)));
        await hugo.ExpectAsync(Say.Published(plan.Project, hugo.Revision + 1, "local-1", ines.Client, Changes));
        await ines.ExpectAsync(Say.Published(plan.Project, ines.Revision + 1, "local-1", null, Changes));
    }

    [Fact]
    public async Task Pages_of_all_three_kinds_at_once_see_the_same_revisions_each_knowing_its_own()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Login", "Uuid", "None", "Nothing");
        string?[] named = [pages[0].Client, Uuid, null, null];
        string[] shown = [pages[0].Client, Uuid, pages[2].Client, pages[3].Client];
        await Task.WhenAll(pages.Select((page, index) => EditAsync(page, plan.Project, named[index])));
        for (var index = 0; index < pages.Length; index++)
        {
            var clients = (await pages[index].RevisionsAsync(4 * 5))
                .Select(static revision =>
                    revision.TryGetProperty("client", out var client) ? client.GetRawText() : null
                )
                .GroupBy(static client => client ?? "none")
                .ToDictionary(static group => group.Key, static group => group.Count());
            var expected = shown
                .Select((client, author) => author == index ? named[author] ?? "none" : client)
                .ToDictionary(static client => client, static _ => 5);
            Assert.Equal(expected, clients);
        }
    }

    [Fact]
    public async Task A_reloaded_page_that_keeps_its_id_may_begin_again_with_its_first_local_revision()
    {
        await using var plan = await server.NewPlanAsync();
        var before = await plan.OpenAsync("Hugo");
        await before.SendAsync(Say.Change(plan.Project, Uuid, Say.Revision("local-1", Uuid, Changes)));
        await before.RevisionsAsync(1);
        await before.DisposeAsync();
        var after = await plan.OpenAsync("Hugo");
        await after.SendAsync(Say.Change(plan.Project, Uuid, Say.Revision("local-1", Uuid, Changes)));
        await after.ExpectAsync(Say.Published(plan.Project, after.Revision + 1, "local-1", Uuid, Changes));
    }

    private static async Task EditAsync(Page page, string project, string? client)
    {
        for (var number = 1; number <= 5; number++)
        {
            await page.SendAsync(Say.Change(project, client, Say.Revision($"local-{number}", client, Changes)));
        }
    }

    private static async Task<(Page Hugo, Page Ines)> OpenTwoAsync(Plan plan)
    {
        var pages = await plan.OpenAsync("Hugo", "Ines");
        return (pages[0], pages[1]);
    }
}

public sealed class Naming_clients_in_process(InProcessServer server) : Naming_clients(server);

public sealed class Naming_clients_over_http(HttpServer server) : Naming_clients(server);

public sealed class Naming_clients_in_the_Functions_worker(WorkerServer server) : Naming_clients(server);
