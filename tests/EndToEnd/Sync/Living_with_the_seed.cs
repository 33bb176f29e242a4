using System.Net.WebSockets;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>What the seed's client classes need beyond plain edits.</summary>
public abstract class Living_with_the_seed(TestServer server)
{
    [Fact]
    public async Task A_reset_brings_the_base_dataset_and_the_notice_to_all_and_numbers_go_on()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        var before = (await plan.LoadAsync()).TaskName("10");
        var published = await hugo.ChangeAsync(Say.Rename("10", "Changed"));
        await hugo.ExpectAsync(published);
        await ines.ExpectAsync(published);
        await hugo.SendAsync(Say.Reset(plan.Project));
        foreach (var page in (Page[])[hugo, ines])
        {
            var dataset = await page.NextAsync();
            Assert.Equal(2, dataset.Revision);
            Assert.Equal(before, dataset.TaskName("10"));
            await page.ExpectAsync(
                $$$"""{"command":"reset","data":{"project":{{{plan.Project}}},"userName":"{{{hugo.Name}}}"}}"""
            );
        }

        published = await ines.ChangeAsync(Say.Rename("10", "After"));
        await ines.ExpectAsync(published);
        await hugo.ExpectAsync(published);
    }

    [Fact]
    public async Task A_client_that_states_no_id_sees_none_on_its_own_change_and_the_others_see_its_connection()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        var changes = Say.Rename("10", "x");
        await hugo.SendAsync(Say.Change(plan.Project, client: null, Say.Revision("local-1", client: null, changes)));
        await hugo.ExpectAsync(Say.Published(plan.Project, 1, "local-1", client: null, changes));
        await ines.ExpectAsync(Say.Published(plan.Project, 1, "local-1", hugo.Client, changes));
    }

    [Fact]
    public async Task A_client_that_makes_its_own_id_sees_that_id()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        var changes = Say.Rename("10", "x");
        await hugo.SendAsync(Say.Change(plan.Project, "\"uuid-7\"", Say.Revision("local-1", "\"uuid-7\"", changes)));
        var published = Say.Published(plan.Project, 1, "local-1", "\"uuid-7\"", changes);
        await hugo.ExpectAsync(published);
        await ines.ExpectAsync(published);
    }

    [Fact]
    public async Task An_added_task_gets_its_id_for_everybody_and_so_do_links_to_it()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        const string Record = """{"name":"New","parentId":1,"$PhantomId":"_generatedTask_1"}""";
        const string Link = """{"fromEvent":10,"toEvent":"_generatedTask_1","$PhantomId":"_generatedDependency_2"}""";
        await hugo.ChangeAsync(
            $$$$"""{"tasks":{"added":[{{{{Record}}}}],"$input":{"added":[{{{{Record}}}}]}},"dependencies":{"added":[{{{{Link}}}}],"$input":{"added":[{{{{Link}}}}]}}}"""
        );
        var seen = (await ines.RevisionsAsync(1))[0].GetProperty("changes");
        var task = seen.GetProperty("tasks").GetProperty("added")[0];
        var id = task.GetProperty("id").GetRawText();
        Assert.Equal("_generatedTask_1", task.GetProperty("$PhantomId").GetString());
        Assert.Equal(id, seen.GetProperty("tasks").GetProperty("$input").GetProperty("added")[0].GetProperty("id").GetRawText());
        Assert.Equal(id, seen.GetProperty("dependencies").GetProperty("added")[0].GetProperty("toEvent").GetRawText());
        Assert.Equal("New", (await plan.LoadAsync()).TaskName(id));
    }

    [Fact]
    public async Task People_come_and_go_with_exact_messages()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var hugo = await SyncSocket.ConnectAsync(host.SocketUrl);
        await hugo.SendAsync(Say.Login("Hugo"));
        Assert.Equal("login", (await hugo.NextAsync()).Command);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo"]}}""", (await hugo.NextAsync()).Text);

        await using var ines = await SyncSocket.ConnectAsync(host.SocketUrl);
        await ines.SendAsync(Say.Login("Ines"));
        Assert.Equal("""{"command":"join","data":{"userName":"Ines"}}""", (await hugo.NextAsync()).Text);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo","Ines"]}}""", (await hugo.NextAsync()).Text);
        Assert.Equal("login", (await ines.NextAsync()).Command);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo","Ines"]}}""", (await ines.NextAsync()).Text);

        await ines.SendAsync(Say.Logout);
        Assert.Equal("""{"command":"logout","data":{}}""", (await ines.NextAsync()).Text);
        await ines.ClosedAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, ines.CloseStatus);
        Assert.Equal(0, ines.Waiting);
        Assert.Equal("""{"command":"logout","data":{"userName":"Ines"}}""", (await hugo.NextAsync()).Text);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo"]}}""", (await hugo.NextAsync()).Text);

        await using var jo = await SyncSocket.ConnectAsync(host.SocketUrl);
        await jo.SendAsync(Say.Login("Jo"));
        Assert.Equal("join", (await hugo.NextAsync()).Command);
        Assert.Equal("users", (await hugo.NextAsync()).Command);
        jo.Cut();
        Assert.Equal("""{"command":"logout","data":{"userName":"Jo"}}""", (await hugo.NextAsync()).Text);
        Assert.Equal("""{"command":"users","data":{"users":["Hugo"]}}""", (await hugo.NextAsync()).Text);
    }
}

public sealed class Living_with_the_seed_in_process(InProcessServer server) : Living_with_the_seed(server);

public sealed class Living_with_the_seed_over_http(HttpServer server) : Living_with_the_seed(server);
