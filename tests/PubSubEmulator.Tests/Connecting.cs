using System.Net;
using System.Text.Json;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Connecting : IAsyncLifetime
{
    private ScriptedUpstream upstream = null!;
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ScriptedUpstream.StartAsync();
        host = await EmulatorHost.StartAsync(EmulatorHost.Options(upstream.Template));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task Another_hub_is_not_there()
    {
        Assert.Equal(
            HttpStatusCode.NotFound,
            await host.RefusalAsync($"/client/hubs/other?access_token={host.Token()}")
        );
    }

    [Fact]
    public async Task Connect_tells_the_handler_everything_but_the_token()
    {
        await host.ConnectToAsync(
            $"/client/hubs/sync?access_token={host.Token(claims: [("role", "boss"), ("plan", "gold")])}&page=7",
            options =>
            {
                options.AddSubProtocol("v1.plan");
                options.SetRequestHeader("x-test", "yes");
            }
        );

        var connect = await upstream.NextAsync("connect");

        Assert.Equal(0, connect.Id);
        Assert.Equal("/hooks/sync/connect", connect.Path);
        Assert.Equal("azure.webpubsub.sys.connect", connect.Headers["ce-type"]);
        using var body = JsonDocument.Parse(connect.Body);
        var root = body.RootElement;
        Assert.Equal("gold", root.GetProperty("claims").GetProperty("plan")[0].GetString());
        Assert.Equal(
            "ann",
            root.GetProperty("claims")
                .GetProperty("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier")[0]
                .GetString()
        );
        Assert.False(root.GetProperty("claims").TryGetProperty("sub", out _));
        Assert.Equal("7", root.GetProperty("query").GetProperty("page")[0].GetString());
        Assert.False(root.GetProperty("query").TryGetProperty("access_token", out _));
        Assert.Equal("yes", root.GetProperty("headers").GetProperty("x-test")[0].GetString());
        Assert.Equal("v1.plan", root.GetProperty("subprotocols")[0].GetString());
        Assert.Equal(0, root.GetProperty("clientCertificates").GetArrayLength());
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task A_refusal_of_the_handler_becomes_the_status_of_the_handshake(int status)
    {
        upstream.OnEvent = _ => Task.FromResult(new Reply(status));

        var refusal = await host.RefusalAsync($"/client/hubs/sync?access_token={host.Token()}");

        Assert.Equal(status, (int)refusal);
        Assert.Equal("connect", Assert.Single(upstream.Log, received => received.Method is "POST").Name);
        Assert.Equal(0, host.Service.ConnectionCount);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"groups\":[null]}")]
    [InlineData("{\"groups\":[\" \"]}")]
    [InlineData("{\"roles\":[null]}")]
    [InlineData("{\"userId\":7}")]
    [InlineData("{\"userId\":\"a\\nb\"}")]
    [InlineData("{\"subprotocol\":\"never.offered\"}")]
    public async Task An_answer_to_connect_that_cannot_be_used_is_a_500(string body)
    {
        upstream.OnEvent = _ => Task.FromResult(Reply.Json(body));

        var refusal = await host.RefusalAsync($"/client/hubs/sync?access_token={host.Token()}");

        Assert.Equal(HttpStatusCode.InternalServerError, refusal);
    }

    [Fact]
    public async Task The_answer_to_connect_gives_user_groups_state_and_subprotocol()
    {
        upstream.OnEvent = received =>
            Task.FromResult(
                received.Name is "connect"
                    ? Reply.Json("""{"userId":"Zoë","groups":["g1"],"subprotocol":"v2"}""") with
                    {
                        State = "s0",
                    }
                    : Reply.Nothing
            );

        var client = await host.ConnectToAsync(
            $"/client/hubs/sync?access_token={host.Token(claims: ("webpubsub.group", "from token"))}",
            options =>
            {
                options.AddSubProtocol("v1");
                options.AddSubProtocol("v2");
            }
        );
        var connected = await upstream.NextAsync("connected");

        Assert.Equal("v2", client.Socket.SubProtocol);
        Assert.Equal("Zoë", connected.Headers["ce-userId"]);
        Assert.Equal("v2", connected.Headers["ce-subprotocol"]);
        Assert.Equal("s0", connected.State);
        Assert.Equal(200, await host.StatusAsync("HEAD", "/groups/g1"));
        Assert.Equal(404, await host.StatusAsync("HEAD", "/groups/from%20token"));
        Assert.Equal(200, await host.StatusAsync("HEAD", "/users/Zo%C3%AB"));
        Assert.Equal(404, await host.StatusAsync("HEAD", "/users/ann"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"groups":[]}""")]
    public async Task An_answer_that_says_nothing_keeps_what_the_token_says(string body)
    {
        upstream.OnEvent = _ => Task.FromResult(Reply.Json(body));

        await host.ConnectAsync("ann", ("webpubsub.group", new[] { "a", "b" }));

        Assert.Equal(200, await host.StatusAsync("HEAD", "/users/ann"));
        Assert.Equal(200, await host.StatusAsync("HEAD", "/groups/a"));
        Assert.Equal(200, await host.StatusAsync("HEAD", "/groups/b"));
    }

    [Fact]
    public async Task A_connection_does_not_exist_before_its_handshake_is_decided()
    {
        var statuses = new List<int>();
        upstream.OnEvent = async received =>
        {
            if (received.Name is "connect")
            {
                statuses.Add(await host.StatusAsync("PUT", $"/groups/g/connections/{received.Connection}"));
                statuses.Add(await host.StatusAsync("POST", $"/connections/{received.Connection}/:send", "\"early\""));
            }

            return received.Name is "message" ? Reply.Text("late") : Reply.Nothing;
        };

        var client = await host.ConnectAsync();
        await client.SendAsync("hello");

        Assert.Equal("late", await client.TextAsync());
        Assert.Equal([404, 202], statuses);
    }

    [Fact]
    public async Task Too_many_connections_are_refused_with_429()
    {
        await using var small = await EmulatorHost.StartAsync(
            EmulatorHost.Options(upstream.Template, limits: new PubSubLimits { ConnectionsMax = 1 })
        );
        await small.ConnectAsync();

        var refusal = await small.RefusalAsync($"/client/hubs/sync?access_token={small.Token()}");

        Assert.Equal(HttpStatusCode.TooManyRequests, refusal);
    }
}
