using System.Net.WebSockets;
using System.Text;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Bad input: the documented answer, nothing stored, nobody else disturbed, and the connection goes on.</summary>
public abstract class Being_refused(TestServer server)
{
    [Theory]
    [InlineData("{bad", "Message is not valid JSON near byte 1")]
    [InlineData("[]", "Message must be a JSON object")]
    [InlineData("""{"command":7,"data":{}}""", "command must be a string")]
    [InlineData("""{"data":{}}""", "command must be a string")]
    [InlineData("""{"command":"drop table","data":{}}""", "Unknown command: drop?table")]
    public async Task A_frame_that_is_no_command_gets_the_general_error(string frame, string text)
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        await hugo.SendAsync(frame);
        await hugo.ExpectAsync(Documented.General(text));
        await GoesOnAsync(hugo, ines);
    }

    [Fact]
    public async Task A_frame_that_is_nested_too_deeply_gets_the_limit()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        var deep = new string('[', 500) + new string(']', 500);
        await hugo.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, $$"""{"x":{{deep}}}""")));
        await hugo.ExpectAsync(Documented.General("Message is nested deeper than 64 levels"));
        await GoesOnAsync(hugo, ines);
    }

    [Fact]
    public async Task Commands_without_login_project_or_subscription_get_their_documented_texts()
    {
        await using var plan = await server.NewPlanAsync();
        var stranger = await plan.ConnectAsync("Stranger");
        await stranger.SendAsync(Say.Projects);
        await stranger.ExpectAsync(Documented.Of("projects", "Authentication required"));
        await stranger.SendAsync(Say.Dataset(plan.Project));
        await stranger.ExpectAsync(Documented.Of("dataset", "Authentication required"));
        await stranger.SendAsync("""{"command":"dataset","data":{}}""");
        await stranger.ExpectAsync(Documented.Of("dataset", "Project id is required"));
        await stranger.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, "{}")));
        await stranger.ExpectAsync(Documented.Of("project_change", "Authentication required"));

        var hugo = await plan.EnterAsync("Hugo");
        await hugo.SendAsync("""{"command":"project_change","data":{"revisions":[{"revision":"local-1","changes":{}}]}}""");
        await hugo.ExpectAsync(Documented.Of("project_change", "Project id is required"));
        await hugo.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, "{}")));
        await hugo.ExpectAsync(Documented.NotSubscribed(plan.Project));
        foreach (var unknown in (string[])["98765", "\"../1\"", "\"a/b?c#d\""])
        {
            await hugo.SendAsync(Say.Dataset(unknown));
            await hugo.ExpectAsync(Documented.Of("dataset", "Authorization required"));
        }
    }

    [Theory]
    [InlineData("""{"command":"dataset","data":{"project":{"id":1}}}""", "dataset", "data.project must be")]
    [InlineData("""{"command":"dataset","data":{"project":"\u0000"}}""", "dataset", "data.project must be")]
    [InlineData("""{"command":"login","data":{"login":"","password":""}}""", "login", "data.login must be")]
    [InlineData("""{"command":"login","data":{"login":17}}""", "login", "data.login must be")]
    [InlineData("""{"command":"reset","data":{}}""", "reset", "Project id is required")]
    public async Task Wrong_types_are_named(string frame, string command, string text)
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        await hugo.SendAsync(frame);
        var answer = await hugo.NextAsync();
        Assert.Equal(command, answer.Command);
        Assert.StartsWith(text, answer.Error, StringComparison.Ordinal);
        await GoesOnAsync(hugo, ines);
    }

    [Theory]
    [InlineData("""{"tasks":{"updated":"all"}}""", "tasks")]
    [InlineData("""{"tasks":{"updated":[{"id":"a\u0007b","name":"x"}]}}""", "tasks")]
    [InlineData("""{"tasks":{"added":[7]}}""", "tasks")]
    public async Task A_malformed_change_set_is_answered_with_the_reason_and_a_fresh_dataset(string changes, string named)
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        var before = (await plan.LoadAsync()).Dataset.GetRawText();
        await hugo.ChangeAsync(changes);
        var error = await hugo.NextAsync();
        Assert.Equal("project_change", error.Command);
        Assert.Contains(named, error.Error, StringComparison.Ordinal);
        Assert.Equal(before, (await hugo.NextAsync()).Dataset.GetRawText());
        await GoesOnAsync(hugo, ines);
    }

    [Fact]
    public async Task A_change_set_of_ten_thousand_rows_is_refused_with_the_limit()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        var rows = string.Join(',', Enumerable.Range(1, 10_000).Select(static id => $$"""{"id":{{id}},"name":"n"}"""));
        await hugo.ChangeAsync($$$"""{"tasks":{"updated":[{{{rows}}}]}}""");
        Assert.Contains("5000", (await hugo.NextAsync()).Error!.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("dataset", (await hugo.NextAsync()).Command);
        await GoesOnAsync(hugo, ines);
    }

    [Fact]
    public async Task A_frame_over_a_mebibyte_closes_its_connection_and_no_other()
    {
        await using var plan = await server.NewPlanAsync();
        var (hugo, ines) = (await plan.OpenAsync("Hugo"), await plan.OpenAsync("Ines"));
        await hugo.Socket.SendAsync(new byte[(1024 * 1024) + 1], WebSocketMessageType.Text);
        await hugo.Socket.ClosedAsync();
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, hugo.Socket.CloseStatus);
        await ines.ExpectAsync(await ines.ChangeAsync(Say.Rename("10", "Undisturbed")));
    }

    [Fact]
    public async Task A_binary_frame_is_read_like_text()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        await hugo.Socket.SendAsync([0xff, 0x00, 0x12], WebSocketMessageType.Binary);
        await hugo.ExpectAsync(Documented.General("Message is not valid UTF-8"));
        await hugo.Socket.SendAsync(Encoding.UTF8.GetBytes(Say.Version), WebSocketMessageType.Binary);
        Assert.Equal("version", (await hugo.NextAsync()).Command);
    }

    /// <summary>Both go on, and the next revision is the next number: nothing of what was refused is in the log.</summary>
    private static async Task GoesOnAsync(Page one, Page other)
    {
        Assert.Equal(0, other.Revision);
        var published = await other.ChangeAsync(Say.Rename("10", "Undisturbed"));
        await other.ExpectAsync(published);
        await one.ExpectAsync(published);
    }
}

public sealed class Being_refused_in_process(InProcessServer server) : Being_refused(server);

public sealed class Being_refused_over_http(HttpServer server) : Being_refused(server);
