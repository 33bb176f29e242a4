using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>A page that states a session may resend a revision when its connection was lost before the acknowledgement.</summary>
public abstract class Sending_again(TestServer server)
{
    private const string Client = "\"my-page\"";

    [Fact]
    public async Task A_revision_that_was_accepted_is_answered_again_to_its_sender_and_not_applied()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        var (first, ines) = (pages[0], pages[1]);
        var (one, two) = (Say.Rename("10", "Once"), Say.Rename("10", "Twice"));
        var answer = Say.Published(plan.Project, first.Revision + 1, "local-1", Client, one);
        await first.SendAsync(Change(plan, "local-1", one));
        await first.ExpectAsync(answer);
        await ines.ExpectAsync(answer);
        first.Socket.Cut();

        var again = await plan.OpenAsync("Hugo");
        await again.SendAsync(Change(plan, "local-1", one));
        Assert.Equal(answer, (await again.NextUncountedAsync()).Text);
        await again.ExpectNothingAsync();
        await ines.ExpectNothingAsync();

        var next = Say.Published(plan.Project, again.Revision + 1, "local-2", Client, two);
        await again.SendAsync(Change(plan, "local-2", two));
        await again.ExpectAsync(next);
        await ines.ExpectAsync(next);
        Assert.Equal(ines.Revision, (await plan.LoadAsync()).Revision);
    }

    [Fact]
    public async Task The_same_local_revision_of_another_page_is_another_revision()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        foreach (var (page, session) in pages.Zip(["a", "b"]))
        {
            await page.SendAsync(Change(plan, "local-1", "{}", session));
            foreach (var reader in pages)
            {
                await reader.ExpectAsync(Say.Published(plan.Project, reader.Revision + 1, "local-1", Client, "{}"));
            }
        }
    }

    private static string Change(Plan plan, string local, string changes, string session = "page-2f")
    {
        var revision = Say.Revision(local, Client, changes);
        return $$$$"""{"command":"project_change","data":{"project":{{{{plan.Project}}}},"session":"{{{{session}}}}-{{{{plan.Tag}}}}","revisions":[{{{{revision}}}}]}}""";
    }
}

public sealed class Sending_again_in_process(InProcessServer server) : Sending_again(server);

public sealed class Sending_again_over_http(HttpServer server) : Sending_again(server);

public sealed class Sending_again_in_the_Functions_worker(WorkerServer server) : Sending_again(server);
