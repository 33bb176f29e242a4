using System.Text;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Sessions;

/// <summary>How a connection authenticates, and what later messages may claim.</summary>
public sealed class Identifying_users
{
    private const string Login = """{"command":"login","data":{"login":"Somebody else","password":""}}""";
    private const string Projects = """{"command":"projects","data":{}}""";

    [Theory]
    [InlineData("Hugo")]
    [InlineData("anon-hugo")]
    [InlineData("anon-c1")]
    public void A_token_logs_in_under_its_name_however_that_begins(string user) =>
        Run(async world =>
        {
            var connection = world.Gateway.Open("c1");
            var state = await ConnectAsync(world, connection, user);

            var reply = await SendAsync(world, connection, user, state, Login);

            Assert.Equal(user, ClientSession.TryRead(Assert.IsType<EventReply.Done>(reply).State)!.User);
            Assert.Contains($"\"{user}\"", world.Gateway.Received(connection)[0], StringComparison.Ordinal);
        });

    [Fact]
    public void Without_a_token_the_login_names_the_user() =>
        Run(async world =>
        {
            var connection = world.Gateway.Open("c1");
            var state = await ConnectAsync(world, connection, user: null);

            var reply = await SendAsync(world, connection, $"anon-{connection}", state, Login);

            Assert.Equal("Somebody else", ClientSession.TryRead(Assert.IsType<EventReply.Done>(reply).State)!.User);
        });

    [Fact]
    public void A_message_under_another_user_id_than_the_connections_is_none() =>
        Run(async world =>
        {
            var connection = world.Gateway.Open("c1");
            var connected = await ConnectAsync(world, connection, "Hugo");
            var login = await SendAsync(world, connection, "Hugo", connected, Login);
            var session = Assert.IsType<EventReply.Done>(login).State!;

            Assert.IsType<EventReply.Text>(await SendAsync(world, connection, "Hugo", session, Projects));
            Assert.IsType<EventReply.Refused>(await SendAsync(world, connection, "Ines", session, Projects));
            Assert.IsType<EventReply.Refused>(await SendAsync(world, connection, user: null, session, Projects));
            Assert.IsType<EventReply.Refused>(await SendAsync(world, connection, "Ines", connected, Login));
        });

    [Fact]
    public void A_state_without_a_token_is_not_accepted_under_the_name_of_a_token() =>
        Run(async world =>
        {
            var connection = world.Gateway.Open("c1");
            var state = await ConnectAsync(world, connection, user: null);

            Assert.IsType<EventReply.Refused>(await SendAsync(world, connection, "Hugo", state, Login));
        });

    [Fact]
    public void A_connection_that_the_last_release_opened_goes_on() =>
        Run(async world =>
        {
            var connection = world.Gateway.Open("c1");

            var reply = await SendAsync(world, connection, "Hugo", """{"u":"Hugo"}""", Projects);
            var anonymous = await SendAsync(world, connection, "anon-c1", state: null, Login);

            Assert.IsType<EventReply.Text>(reply);
            Assert.Equal("Somebody else", ClientSession.TryRead(Assert.IsType<EventReply.Done>(anonymous).State)!.User);
        });

    [Fact]
    public void A_session_keeps_how_its_connection_signed_in()
    {
        var session = new ClientSession("Hugo", new ProjectId(JsonId.Of(1)), 5, new EditPause(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 7)) { SignIn = SignInKind.Token };

        Assert.Equal(session, ClientSession.TryRead(session.ToState()));
        Assert.Equal(SignInKind.Token, session.WithoutProject().SignIn);
    }

    private static async Task<string?> ConnectAsync(World world, ConnectionId connection, string? user)
    {
        var reply = await world.HandleAsync(0, new ClientEvent.Connect(Context(world, connection, user, state: null)));
        return Assert.IsType<EventReply.Accepted>(reply).State;
    }

    private static Task<EventReply> SendAsync(World world, ConnectionId connection, string? user, string? state, string frame) =>
        world.HandleAsync(0, new ClientEvent.Message(Context(world, connection, user, state), Encoding.UTF8.GetBytes(frame)));

    private static EventContext Context(World world, ConnectionId connection, string? user, string? state) =>
        new(connection, EventId: 1, user, state, world.Time.GetUtcNow());

    private static void Run(Func<World, Task> scenario) => VirtualTime.Run(time => World.RunAsync(time, scenario));
}
