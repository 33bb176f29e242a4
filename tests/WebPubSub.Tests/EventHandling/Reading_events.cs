using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Reading_events
{
    [Theory]
    [InlineData("sys.connect", typeof(ClientEvent.Connect))]
    [InlineData("sys.connected", typeof(ClientEvent.Connected))]
    [InlineData("sys.disconnected", typeof(ClientEvent.Disconnected))]
    [InlineData("user.message", typeof(ClientEvent.Message))]
    public async Task Headers_become_the_event(string type, Type kind)
    {
        var sut = new Sut();
        await sut.SendAsync(EventRequest.Of(type, "{}", ("ce-hub", "SYNC")));
        var clientEvent = Assert.Single(sut.Handler.Events);
        Assert.IsType(kind, clientEvent);
        var time = new DateTimeOffset(2026, 11, 23, 5, 49, 24, TimeSpan.Zero);
        Assert.Equal(new EventContext(new ConnectionId("conn-1"), 7, "Jörg", null, time), clientEvent.Context);
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("application/octet-stream")]
    public async Task A_frame_arrives_byte_by_byte(string type)
    {
        var sut = new Sut();
        var context = EventRequest.Of("user.message");
        var bytes = new byte[] { 0xEF, 0xBB, 0xBF, 0x00, 0xFF, 0x7B };
        context.Request.Body = new MemoryStream(bytes);
        context.Request.ContentType = type;
        await sut.SendAsync(context);
        Assert.Equal(bytes, Assert.IsType<ClientEvent.Message>(Assert.Single(sut.Handler.Events)).Frame.ToArray());
    }

    [Theory]
    [InlineData("ce-specversion", null)]
    [InlineData("ce-specversion", "2.0")]
    [InlineData("ce-awpsversion", null)]
    [InlineData("ce-awpsversion", "2.0")]
    [InlineData("ce-type", null)]
    [InlineData("ce-type", "azure.webpubsub.user.other")]
    [InlineData("ce-type", "azure.webpubsub.sys.joined")]
    [InlineData("ce-hub", null)]
    [InlineData("ce-hub", "other")]
    [InlineData("ce-connectionId", null)]
    [InlineData("ce-connectionId", "")]
    [InlineData("ce-id", null)]
    [InlineData("ce-id", "-1")]
    [InlineData("ce-id", "1.5")]
    [InlineData("ce-id", "9223372036854775808")]
    [InlineData("ce-time", null)]
    [InlineData("ce-time", "yesterday")]
    public async Task An_unusable_header_is_named(string header, string? value)
    {
        var sut = new Sut();
        var context = EventRequest.Of("user.message", "{}", (header, value));
        Assert.Equal(400, (await sut.SendAsync(context)).StatusCode);
        Assert.Contains(header, EventRequest.BodyOf(context), StringComparison.Ordinal);
        Assert.Empty(sut.Handler.Events);
    }

    [Theory]
    [InlineData("ce-connectionId", 257)]
    [InlineData("ce-userId", 1025)]
    public async Task A_header_over_its_limit_is_refused(string header, int length)
    {
        var sut = new Sut();
        var context = EventRequest.Of("user.message", "{}", (header, new string('x', length)));
        Assert.Equal(400, (await sut.SendAsync(context)).StatusCode);
        Assert.Contains($"{length - 1}", EventRequest.BodyOf(context), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_header_is_refused()
    {
        var context = EventRequest.Of("user.message", "{}");
        context.Request.Headers["ce-connectionId"] = new(["a", "b"]);
        Assert.Equal(400, (await new Sut().SendAsync(context)).StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task An_absent_user_is_null(string? user)
    {
        var sut = new Sut();
        await sut.SendAsync(EventRequest.Of("user.message", "{}", ("ce-userId", user)));
        Assert.Null(Assert.Single(sut.Handler.Events).Context.User);
    }

    [Theory]
    [InlineData(0, 204)]
    [InlineData(1, 413)]
    public async Task A_frame_ends_at_its_limit_whether_its_length_is_declared_or_not(int over, int status)
    {
        foreach (var declared in new[] { true, false })
        {
            var sut = new Sut();
            var context = EventRequest.Of("user.message");
            context.Request.Body = new MemoryStream(new byte[EventLimits.FrameBytesMax + over]);
            context.Request.ContentLength = declared ? EventLimits.FrameBytesMax + over : null;
            Assert.Equal(status, (await sut.SendAsync(context)).StatusCode);
            Assert.Equal(1 - over, sut.Handler.Events.Count);
            Assert.Equal(over > 0, EventRequest.BodyOf(context).Contains("1048576", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_connect_body_ends_at_its_limit()
    {
        var context = EventRequest.Of("sys.connect", new string(' ', EventLimits.ConnectBytesMax + 1));
        Assert.Equal(413, (await new Sut("https://page.example").SendAsync(context)).StatusCode);
    }

    [Theory]
    [InlineData("""{"headers":{"Origin":["https://page.example"]}}""", 204)]
    [InlineData("""{"headers":{"origin":["HTTPS://page.example"]}}""", 204)]
    [InlineData("""{"headers":{"Origin":["https://evil.example"]}}""", 403)]
    [InlineData("""{"headers":{"Origin":["https://page.example.evil.example"]}}""", 403)]
    [InlineData("""{"headers":{"Origin":["null"]}}""", 403)]
    [InlineData("""{"headers":{"Origin":["https://evil.example","https://page.example"]}}""", 403)]
    [InlineData("""{"headers":{"Origin":["https://page.example"],"origin":["https://evil.example"]}}""", 403)]
    [InlineData("""{"headers":{}}""", 403)]
    [InlineData("{}", 403)]
    [InlineData("""{"headers":7}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    public async Task Only_pages_of_the_list_may_connect(string body, int status)
    {
        var sut = new Sut("https://page.example");
        Assert.Equal(status, (await sut.SendAsync(EventRequest.Of("sys.connect", body))).StatusCode);
        Assert.Equal(status == 204 ? 1 : 0, sut.Handler.Events.Count);
    }

    [Theory]
    [InlineData("""{"headers":{"Origin":["https://page.example"]}}""", 204)]
    [InlineData("""{"headers":{"Origin":["http://localhost:5173"]}}""", 204)]
    [InlineData("""{"headers":{"Origin":["http://127.0.0.1:8080"]}}""", 204)]
    [InlineData("""{"headers":{}}""", 204)]
    [InlineData("""{"headers":{"Origin":["https://evil.example"]}}""", 403)]
    [InlineData("""{"headers":{"Origin":["http://localhost.evil.example"]}}""", 403)]
    [InlineData("""{"headers":{"Origin":["null"]}}""", 403)]
    public async Task On_a_developers_machine_its_own_pages_and_programs_may_connect_too(string body, int status)
    {
        var sut = new Sut("https://page.example") { AllowsThisMachine = true };
        Assert.Equal(status, (await sut.SendAsync(EventRequest.Of("sys.connect", body))).StatusCode);
    }

    [Fact]
    public async Task Without_a_list_every_page_may_connect()
    {
        var body = """{"headers":{"Origin":["https://evil.example"]}}""";
        Assert.Equal(204, (await new Sut().SendAsync(EventRequest.Of("sys.connect", body))).StatusCode);
    }

    [Fact]
    public async Task A_refused_caller_is_not_heard()
    {
        var sut = new Sut { Verdict = new CallerVerdict.Refused("stranger") };
        var context = EventRequest.Of("user.message", "{}");
        Assert.Equal(401, (await sut.SendAsync(context)).StatusCode);
        Assert.Empty(sut.Handler.Events);
        Assert.Equal(0, context.Request.Body.Position);
        Assert.Empty(EventRequest.BodyOf(context));
    }

    [Fact]
    public async Task A_caller_that_cannot_be_judged_is_to_come_again()
    {
        var sut = new Sut { Verdict = new CallerVerdict.Unavailable("no keys") };
        Assert.Equal(503, (await sut.SendAsync(EventRequest.Of("user.message", "{}"))).StatusCode);
        Assert.Empty(sut.Handler.Events);
    }
}
