using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Answering_events
{
    private const string State = "ce-connectionState";

    [Fact]
    public async Task Done_sends_the_client_nothing()
    {
        var (status, body, headers) = await Reply("user.message", new EventReply.Done());
        Assert.Equal((204, ""), (status, body));
        Assert.False(headers.ContainsKey(State));
        Assert.Null(headers.ContentType.FirstOrDefault());
    }

    [Fact]
    public async Task A_frame_leaves_as_text()
    {
        var (status, body, headers) = await Reply("user.message", new EventReply.Text("ä{}"u8.ToArray(), "st"));
        Assert.Equal((200, "ä{}"), (status, body));
        Assert.Equal("text/plain; charset=utf-8", headers.ContentType);
        Assert.Equal(4, headers.ContentLength);
        Assert.Equal("""{"s":"st"}""", Encoding.UTF8.GetString(Convert.FromBase64String(headers[State]!)));
    }

    [Fact]
    public async Task An_accepted_handshake_says_only_what_is_set()
    {
        Assert.Equal((200, """{"userId":"u","groups":["g","h"]}"""), await Accepted("u", "g", "h"));
        Assert.Equal((200, """{"userId":"u"}"""), await Accepted("u"));
        Assert.Equal((200, """{"groups":["g"]}"""), await Accepted(null, "g"));
        Assert.Equal((204, ""), await Accepted(null));

        static async Task<(int, string)> Accepted(string? user, params string[] groups)
        {
            GroupName[] names = [.. groups.Select(name => new GroupName(name))];
            var (status, body, headers) = await Reply("sys.connect", new EventReply.Accepted(user, names, "s"));
            Assert.True(headers.ContainsKey(State));
            return (status, body);
        }
    }

    [Theory]
    [InlineData("sys.connect")]
    [InlineData("user.message")]
    public async Task Refusals_and_delays_have_a_status_and_say_no_more(string type)
    {
        Assert.Equal((401, ""), await StatusAndBody(type, new EventReply.Refused("secret reason")));
        Assert.Equal((503, ""), await StatusAndBody(type, new EventReply.Unavailable("secret reason")));
    }

    [Theory]
    [InlineData("sys.connected")]
    [InlineData("sys.disconnected")]
    public async Task Notifications_are_always_taken(string type)
    {
        Assert.Equal((204, ""), await StatusAndBody(type, new EventReply.Done("ignored")));
        Assert.Equal((204, ""), await StatusAndBody(type, new EventReply.Unavailable("busy")));
        Assert.Equal((204, ""), await StatusAndBody(type, new EventReply.Text("x"u8.ToArray())));
    }

    [Theory]
    [InlineData("sys.connected")]
    [InlineData("sys.disconnected")]
    public async Task Notifications_are_awaited(string type)
    {
        var sut = new Sut();
        using var handled = new SemaphoreSlim(0);
        sut.Handler.Reply = async token =>
        {
            await handled.WaitAsync(token);
            return new EventReply.Done();
        };
        var context = EventRequest.Of(type, "{}");
        var answering = sut.Endpoint.HandleAsync(context, TestContext.Current.CancellationToken);
        Assert.False(answering.IsCompleted);
        handled.Release();
        await answering;
        Assert.Equal(204, context.Response.StatusCode);
    }

    [Fact]
    public async Task The_state_comes_back_as_it_was_given()
    {
        const string state = "{\"user\":\"Jörg \U0001F600\"} \"\\";
        var sut = new Sut();
        sut.Handler.Replying(new EventReply.Done(state));
        var written = (await sut.SendAsync(EventRequest.Of("user.message", "{}"))).Headers[State].ToString();
        Assert.True(written.All(char.IsAscii));
        await sut.SendAsync(EventRequest.Of("user.message", "{}", (State, written)));
        Assert.Equal(state, sut.Handler.Events[1].Context.State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("bm90IGpzb24=")] // not json
    [InlineData("W10=")] // []
    [InlineData("e30=")] // {}
    [InlineData("eyJzIjo3fQ==")] // {"s":7}
    [InlineData("eyJzIjoiXHVEODAwIn0=")] // {"s":"\uD800"}
    [InlineData("/////w==")]
    public async Task A_state_of_others_is_none(string header)
    {
        var sut = new Sut();
        Assert.Equal(204, (await sut.SendAsync(EventRequest.Of("user.message", "{}", (State, header)))).StatusCode);
        Assert.Null(Assert.Single(sut.Handler.Events).Context.State);
    }

    [Fact]
    public async Task A_state_ends_at_its_limit_in_both_directions()
    {
        // 4,096 characters of Base64 are 3,072 bytes, of which {"s":""} takes 8.
        var most = new string('x', 3064);
        var (status, _, headers) = await Reply("user.message", new EventReply.Done(most));
        Assert.Equal((204, EventLimits.StateCharsMax), (status, headers[State].ToString().Length));
        (status, _, headers) = await Reply("user.message", new EventReply.Done(most + "x"));
        Assert.Equal((500, false), (status, headers.ContainsKey(State)));

        var sut = new Sut();
        var over = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"s":"{{most}}x"}"""));
        await sut.SendAsync(EventRequest.Of("user.message", "{}", (State, over)));
        Assert.Null(Assert.Single(sut.Handler.Events).Context.State);
    }

    [Fact]
    public async Task A_reply_that_does_not_fit_the_event_is_a_failure()
    {
        Assert.Equal((500, ""), await StatusAndBody("sys.connect", new EventReply.Text("x"u8.ToArray(), "s")));
        Assert.Equal((500, ""), await StatusAndBody("user.message", new EventReply.Accepted("u", [], null)));
        Assert.Equal((500, ""), await StatusAndBody("user.message", new EventReply.Text(default)));
        var huge = new byte[GatewayLimits.MessageBytesMax + 1];
        Assert.Equal((500, ""), await StatusAndBody("user.message", new EventReply.Text(huge)));
    }

    [Fact]
    public async Task An_exception_is_logged_and_not_told()
    {
        var sut = new Sut();
        sut.Handler.Reply = _ => throw new InvalidOperationException("inner secret");
        var context = EventRequest.Of("user.message", "{}");
        Assert.Equal(500, (await sut.SendAsync(context)).StatusCode);
        Assert.Empty(EventRequest.BodyOf(context));
        var entry = Assert.Single(sut.Log.Entries);
        Assert.Equal((2007, LogLevel.Error), (entry.Id, entry.Level));
        Assert.Contains("inner secret", entry.Text, StringComparison.Ordinal);
        Assert.Contains(EventRequest.Connection, entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unrequested_cancellation_is_a_failure()
    {
        var sut = new Sut();
        sut.Handler.Reply = _ => throw new OperationCanceledException();
        Assert.Equal(500, (await sut.SendAsync(EventRequest.Of("user.message", "{}"))).StatusCode);
    }

    [Fact]
    public async Task A_caller_that_leaves_makes_no_noise()
    {
        using var leaving = new CancellationTokenSource();
        var sut = new Sut();
        sut.Handler.Reply = async token =>
        {
            await leaving.CancelAsync();
            token.ThrowIfCancellationRequested();
            return new EventReply.Done();
        };
        var context = EventRequest.Of("user.message", "{}");
        context.RequestAborted = leaving.Token;
        await sut.SendAsync(context);
        Assert.Empty(sut.Log.Entries);
    }

    [Fact]
    public async Task A_host_that_stops_does_not_take_the_event_for_done()
    {
        using var stopping = new CancellationTokenSource();
        var sut = new Sut();
        sut.Handler.Reply = async token =>
        {
            await stopping.CancelAsync();
            token.ThrowIfCancellationRequested();
            return new EventReply.Done();
        };
        var context = EventRequest.Of("user.message", "{}");
        await sut.Endpoint.HandleAsync(context, stopping.Token);
        Assert.Equal(503, context.Response.StatusCode);
    }

    private static async Task<(int Status, string Body)> StatusAndBody(string type, EventReply reply)
    {
        var (status, body, headers) = await Reply(type, reply);
        Assert.False(headers.ContainsKey(State));
        return (status, body);
    }

    private static async Task<(int Status, string Body, IHeaderDictionary Headers)> Reply(string type, EventReply reply)
    {
        var sut = new Sut();
        sut.Handler.Replying(reply);
        var context = EventRequest.Of(type, "{}");
        await sut.SendAsync(context);
        return (context.Response.StatusCode, EventRequest.BodyOf(context), context.Response.Headers);
    }
}
