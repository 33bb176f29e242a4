using System.Net.WebSockets;
using System.Text;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Frames that are not a message, or not an allowed one. The refusals are those of <c>docs/protocol.md</c>.</summary>
public abstract class Refusing_messages(TestServer server)
{
    private const string NotLoggedIn = "Authentication required";
    private const string NotAllowed = "Authorization required";
    private const string NoProject = "Project id is required";
    private const string BadProject =
        "data.project must be a number, or a non-empty string of at most 128 characters without control characters";
    private const string BadLogin =
        "data.login must be a non-empty string of at most 100 characters without control characters or characters that change the text direction";

    /// <summary>Frames and their exact responses.</summary>
    private static (string Frame, string Answer)[] Bad =>
        [
            ("""{"command":"dataset","data":""", Documented.General("Message is not valid JSON near byte 28")),
            ("", Documented.General("Message is not valid JSON near byte 0")),
            ("[]", Documented.General("Message must be a JSON object")),
            ("null", Documented.General("Message must be a JSON object")),
            ("""{"data":{}}""", Documented.General("command must be a string")),
            ("""{"command":7,"data":{}}""", Documented.General("command must be a string")),
            ("""{"command":"projectChange","data":{}}""", Documented.General("Unknown command: projectChange")),
            ("""{"command":"<b>x</b>","data":{}}""", Documented.General("Unknown command: ?b?x??b?")),
            ("""{"command":"loadVersionContent","data":{"project":1}}""", Documented.General("Unknown command: loadVersionContent")),
            ("""{"command":"dataset","data":[]}""", Documented.Of("dataset", "data must be an object")),
            (Deep(70), Documented.General("Message is nested deeper than 64 levels")),
            (Deep(100_000), Documented.General("Message is nested deeper than 64 levels")),
            ("""{"command":"dataset","data":{}}""", Documented.Of("dataset", NoProject)),
            ("""{"command":"dataset","data":{"project":null}}""", Documented.Of("dataset", NoProject)),
            ("""{"command":"reset","data":{}}""", Documented.Of("reset", NoProject)),
            ("""{"command":"project_change","data":{"revisions":[{"revision":"local-1","changes":{}}]}}""", Documented.Of("project_change", NoProject)),
            ("""{"command":"dataset","data":{"project":{}}}""", Documented.Of("dataset", BadProject)),
            ("""{"command":"reset","data":{"project":true}}""", Documented.Of("reset", BadProject)),
            ("""{"command":"dataset","data":{"project":""}}""", Documented.Of("dataset", BadProject)),
            ("""{"command":"dataset","data":{"project":"a\u0000b"}}""", Documented.Of("dataset", BadProject)),
            ("""{"command":"dataset","data":{"project":"a\nb"}}""", Documented.Of("dataset", BadProject)),
            ("""{"command":"dataset","data":{"project":"\ud83d"}}""", Documented.Of("dataset", BadProject)),
            ($$$"""{"command":"dataset","data":{"project":"{{{new string('x', 129)}}}"}}""", Documented.Of("dataset", BadProject)),
            ("""{"command":"login","data":{"login":""}}""", Documented.Of("login", BadLogin)),
            ("""{"command":"login","data":{"login":"  "}}""", Documented.Of("login", BadLogin)),
            ("""{"command":"login","data":{"login":7}}""", Documented.Of("login", BadLogin)),
            ("""{"command":"login","data":{"login":"a\u0007b"}}""", Documented.Of("login", BadLogin)),
            (Say.Login(new string('x', 101)), Documented.Of("login", BadLogin)),
        ];

    [Fact]
    public async Task Bad_messages_are_answered_one_by_one_and_nothing_else_happens()
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        foreach (var (frame, answer) in Bad)
        {
            await bystander.Sender.SendAsync(frame);
            await bystander.Sender.ExpectAsync(answer);
            await bystander.Other.ExpectNothingAsync();
        }

        await bystander.AssertUndisturbedAsync();
    }

    [Theory]
    [InlineData("\"no-such-project\"")]
    [InlineData("\"a/b\\\\c#d?e\"")]
    [InlineData("\"../../etc/passwd\"")]
    [InlineData("404")]
    public async Task A_project_that_is_not_there_may_not_be_opened_changed_or_reset(string project)
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        var page = await plan.EnterAsync("Stranger");
        await page.SendAsync(Say.Dataset(project));
        await page.ExpectAsync(Documented.Of("dataset", NotAllowed));
        await page.SendAsync(Say.Change(project, null, Say.Revision("local-1", null, "{}")));
        var answer = await page.NextAsync();
        Assert.Equal("Subscription to project is required. Load project first", answer.Error);
        await page.SendAsync(Say.Reset(project));
        Assert.Equal("Subscription to project is required. Load project first", (await page.NextAsync()).Error);
        await page.LoadAsync();
        await page.DisposeAsync();
        await bystander.AssertUndisturbedAsync();
    }

    [Fact]
    public async Task Without_a_login_nothing_is_done()
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        var page = await plan.ConnectAsync("Nobody");
        await page.SendAsync(Say.Projects);
        await page.ExpectAsync(Documented.Of("projects", NotLoggedIn));
        await page.SendAsync(Say.Dataset(plan.Project));
        await page.ExpectAsync(Documented.Of("dataset", NotLoggedIn));
        await page.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, Say.Rename("10", "No"))));
        await page.ExpectAsync(Documented.Of("project_change", NotLoggedIn));
        await page.SendAsync(Say.Reset(plan.Project));
        await page.ExpectAsync(Documented.Of("reset", NotLoggedIn));
        await page.LoginAsync();
        await page.LoadAsync();
        await page.DisposeAsync();
        await bystander.AssertUndisturbedAsync();
    }

    [Fact]
    public async Task A_change_without_a_subscription_is_refused()
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        var page = await plan.EnterAsync("Hasty");
        await page.SendAsync(Say.Change(plan.Project, null, Say.Revision("local-1", null, Say.Rename("10", "No"))));
        await page.ExpectAsync(Documented.NotSubscribed(plan.Project));
        await bystander.AssertUndisturbedAsync();
    }

    [Fact]
    public async Task A_frame_of_more_than_1_MiB_closes_its_connection_only()
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        await bystander.Sender.SendAsync(new string(' ', (1024 * 1024) + 1));
        await bystander.Sender.Socket.ClosedAsync();
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, bystander.Sender.Socket.CloseStatus);
        await bystander.AssertOtherUndisturbedAsync();
    }

    [Fact]
    public async Task A_frame_of_exactly_1_MiB_is_read()
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        await bystander.Sender.SendAsync(Say.Version.PadRight(1024 * 1024));
        Assert.Equal("version", (await bystander.Sender.NextAsync()).Command);
        await bystander.AssertUndisturbedAsync();
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused_in_a_binary_frame()
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        await bystander.Sender.Socket.SendAsync([0xFF, 0xFE, 0x00], WebSocketMessageType.Binary);
        await bystander.Sender.ExpectAsync(Documented.General("Message is not valid UTF-8"));
        await bystander.AssertUndisturbedAsync();
    }

    [Fact]
    public async Task A_message_in_a_binary_frame_is_read_like_one_in_a_text_frame()
    {
        await using var plan = await server.NewPlanAsync();
        var page = await plan.EnterAsync("Binary");
        await page.Socket.SendAsync(Encoding.UTF8.GetBytes(Say.Version), WebSocketMessageType.Binary);
        Assert.Equal("version", (await page.NextAsync()).Command);
    }

    private static string Deep(int levels) =>
        $$$"""{"command":"dataset","data":{"project":1,"x":{{{new string('[', levels)}}}{{{new string(']', levels)}}}}}""";
}

public sealed class Refusing_messages_in_process(InProcessServer server) : Refusing_messages(server);

public sealed class Refusing_messages_over_http(HttpServer server) : Refusing_messages(server);

public sealed class Refusing_messages_in_the_Functions_worker(WorkerServer server) : Refusing_messages(server);
