using ServerlessSync.Core.Model;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>What the seed's login widget does: login, projects and dataset back to back.</summary>
public abstract class Opening_the_page(TestServer server)
{
    [Fact]
    public async Task A_lone_login_makes_login_and_users_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var socket = await SyncSocket.ConnectAsync(host.SocketUrl);
        await socket.SendAsync(Say.Login("Hugo"));
        var login = await socket.NextAsync();
        var client = login.Data.GetProperty("client").GetRawText();
        Assert.Equal($$$"""{"command":"login","data":{"client":{{{client}}},"userName":"Hugo"}}""", login.Text);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo"]}}""", (await socket.NextAsync()).Text);
        await socket.SendAsync(Say.Version);
        Assert.Equal("""{"command":"version","data":{"version":"0.1.0"}}""", (await socket.NextAsync()).Text);
        Assert.Equal(0, socket.Waiting);
    }

    [Fact]
    public async Task Login_projects_and_dataset_back_to_back_are_answered_in_order_and_once()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var socket = await SyncSocket.ConnectAsync(host.SocketUrl);
        await socket.SendAsync(Say.Login("Hugo"));
        await socket.SendAsync(Say.Projects);
        await socket.SendAsync(Say.Dataset("1"));
        await socket.SendAsync(Say.Version);
        Assert.Equal("login", (await socket.NextAsync()).Command);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo"]}}""", (await socket.NextAsync()).Text);
        Assert.Equal(
            """{"command":"projects","data":{"projects":[{"id":1,"name":"Office move to Harbour House"},{"id":2,"name":"Website launch"}]}}""",
            (await socket.NextAsync()).Text
        );
        var dataset = await socket.NextAsync();
        Assert.StartsWith("""{"command":"dataset","data":{"project":1,"revision":0,"dataset":{""", dataset.Text);
        Assert.Equal("Plan and decide", dataset.TaskName("1"));
        Assert.Equal("Legal review of the lease", dataset.TaskName("10"));
        Assert.Equal("version", (await socket.NextAsync()).Command);
        Assert.Equal(0, socket.Waiting);
    }

    [Fact]
    public async Task A_connection_that_has_not_logged_in_is_sent_nothing()
    {
        await using var plan = await server.NewPlanAsync();
        var silent = await plan.ConnectAsync("Silent");
        var hugo = await plan.OpenAsync("Hugo");
        await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", "Nobody else hears of this")));
        await silent.SendAsync(Say.Version);
        Assert.Equal("version", (await silent.Socket.NextAsync()).Command);
    }

    [Fact]
    public async Task A_dataset_that_no_message_holds_is_refused_with_its_size_and_the_limit()
    {
        await using var plan = await server.NewPlanAsync(JsonId.Of("large"));
        var hugo = await plan.OpenAsync("Hugo");
        foreach (var task in (string[])["10", "11", "12"])
        {
            await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename(task, new string('x', 400_000))));
        }

        var ines = await plan.EnterAsync("Ines");
        await ines.SendAsync(Say.Dataset(plan.Project));
        var answer = await ines.NextAsync();
        Assert.Equal("dataset", answer.Command);
        Assert.Matches("^The dataset takes [0-9]+ bytes; one message holds at most 1048576\\.$", answer.Error);

        // Whoever is in goes on, and can make it smaller.
        await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", "Short")));
        await ines.LoadAsync();
    }

    [Fact]
    public async Task A_dataset_of_another_project_ends_the_subscription_to_the_first()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var ines = await plan.OpenAsync("Ines");
        await hugo.SendAsync(Say.Dataset("2"));
        Assert.StartsWith("""{"command":"dataset","data":{"project":2,""", (await hugo.NextAsync()).Text);
        await ines.ExpectAsync(await ines.ChangeAsync(Say.Rename("10", "Without Hugo")));
        await hugo.ExpectNothingAsync();
        await hugo.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, "{}")));
        await hugo.ExpectAsync(Documented.NotSubscribed(plan.Project));
    }
}

public sealed class Opening_the_page_in_process(InProcessServer server) : Opening_the_page(server);

public sealed class Opening_the_page_over_http(HttpServer server) : Opening_the_page(server);

public sealed class Opening_the_page_in_the_Functions_worker(WorkerServer server) : Opening_the_page(server);
