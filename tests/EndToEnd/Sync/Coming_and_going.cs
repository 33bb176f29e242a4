using System.Net.WebSockets;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Presence. Each test has its own server, so that it knows all users on it.</summary>
public abstract class Coming_and_going(TestServer server)
{
    [Fact]
    public async Task The_others_hear_of_a_newcomer_and_all_get_the_list()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var hugo = await EnterAsync(host, "Hugo");
        await ExpectAsync(hugo, Users("Hugo"));
        await using var ines = await EnterAsync(host, "Ines");
        await ExpectAsync(hugo, Joined("Ines"), Users("Hugo", "Ines"));
        await ExpectAsync(ines, Users("Hugo", "Ines"));
        await ExpectNothingAsync(hugo, ines);
    }

    [Fact]
    public async Task A_logout_is_answered_once_and_closes_the_socket_and_the_others_hear_of_it()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var hugo = await EnterAsync(host, "Hugo");
        await ExpectAsync(hugo, Users("Hugo"));
        await using var ines = await EnterAsync(host, "Ines");
        await ExpectAsync(hugo, Joined("Ines"), Users("Hugo", "Ines"));
        await ExpectAsync(ines, Users("Hugo", "Ines"));

        await ines.SendAsync(Say.Logout);
        await ExpectAsync(ines, """{"command":"logout","data":{}}""");
        await ines.ClosedAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, ines.CloseStatus);
        Assert.Equal(0, ines.Waiting);
        await ExpectAsync(hugo, Left("Ines"), Users("Hugo"));
        await ExpectNothingAsync(hugo);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_is_lost_or_closed_is_like_a_logout_to_the_others(bool lost)
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var hugo = await EnterAsync(host, "Hugo");
        await ExpectAsync(hugo, Users("Hugo"));
        await using var ines = await EnterAsync(host, "Ines");
        await ExpectAsync(hugo, Joined("Ines"), Users("Hugo", "Ines"));
        if (lost)
        {
            ines.Cut();
        }
        else
        {
            await ines.DisposeAsync();
        }

        await ExpectAsync(hugo, Left("Ines"), Users("Hugo"));
        await ExpectNothingAsync(hugo);
    }

    [Fact]
    public async Task Two_pages_of_one_person_are_two_entries()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var first = await EnterAsync(host, "Hugo");
        await ExpectAsync(first, Users("Hugo"));
        await using var second = await EnterAsync(host, "Hugo");
        await ExpectAsync(first, Joined("Hugo"), Users("Hugo", "Hugo"));
        await ExpectAsync(second, Users("Hugo", "Hugo"));
        second.Cut();
        await ExpectAsync(first, Left("Hugo"), Users("Hugo"));
    }

    [Fact]
    public async Task A_connection_without_a_login_is_in_no_list_and_a_logout_there_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var silent = await SyncSocket.ConnectAsync(host.SocketUrl);
        await using var hugo = await EnterAsync(host, "Hugo");
        await ExpectAsync(hugo, Users("Hugo"));
        await silent.SendAsync(Say.Logout);
        const string refusal = "Authentication required";
        await ExpectAsync(silent, $$"""{"command":"error","error":"{{refusal}}","message":"{{refusal}}"}""");
        await ExpectNothingAsync(hugo);
    }

    [Fact]
    public async Task Nothing_follows_the_answer_to_a_subscriber_who_logs_out()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var plan = await host.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        await pages[1].SendAsync(Say.Logout);
        await pages[1].ExpectAsync("""{"command":"logout","data":{}}""");
        await pages[0].ExpectAsync(await pages[0].ChangeAsync(Say.Rename("10", "Alone")));
        await pages[1].Socket.ClosedAsync();
        Assert.Equal(0, pages[1].Socket.Waiting);
    }

    private static async Task<SyncSocket> EnterAsync(RunningHost host, string name)
    {
        var socket = await SyncSocket.ConnectAsync(host.SocketUrl);
        await socket.SendAsync(Say.Login(name));
        Assert.Equal("login", (await socket.NextAsync()).Command);
        return socket;
    }

    private static async Task ExpectAsync(SyncSocket socket, params string[] texts)
    {
        foreach (var text in texts)
        {
            Assert.Equal(text, (await socket.NextAsync()).Text);
        }
    }

    private static async Task ExpectNothingAsync(params SyncSocket[] sockets)
    {
        foreach (var socket in sockets)
        {
            await socket.SendAsync(Say.Version);
            Assert.Equal("version", (await socket.NextAsync()).Command);
        }
    }

    private static string Joined(string name) => $$$"""{"command":"join","data":{"userName":"{{{name}}}"}}""";

    private static string Left(string name) => $$$"""{"command":"logout","data":{"userName":"{{{name}}}"}}""";

    private static string Users(params string[] names) =>
        $$$"""{"command":"users","data":{"users":["{{{string.Join("\",\"", names)}}}"]}}""";
}

public sealed class Coming_and_going_in_process(InProcessServer server) : Coming_and_going(server);

public sealed class Coming_and_going_over_http(HttpServer server) : Coming_and_going(server);

public sealed class Coming_and_going_in_the_Functions_worker(WorkerServer server) : Coming_and_going(server);
