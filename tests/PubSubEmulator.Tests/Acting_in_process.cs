using System.Text;
using ServerlessSync.Core.Model;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Acting_in_process
{
    private static readonly GroupName Group = new("g");
    private static readonly GroupName Next = new("g.2");

    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_reach_the_handler_with_their_numbers_user_and_state()
    {
        var handler = new ScriptedHandler();
        handler.OnMessage = (message, _) =>
            new EventReply.Text(
                Encoding.UTF8.GetBytes($"{message.Context.EventId} {message.Context.User} {message.Context.State}"),
                "s" + message.Context.EventId
            );
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);
        var client = await host.ConnectAsync("ann");
        await client.SendAsync("x");
        Assert.Equal("2 anon s0", await client.TextAsync());
        await client.SendAsync("x");
        Assert.Equal("3 anon s2", await client.TextAsync());
        await client.CloseAsync();
        await Soon.UntilAsync(() => handler.Seen.Any(seen => seen is ClientEvent.Disconnected));

        Assert.IsType<ClientEvent.Connect>(handler.Seen[0]);
        Assert.Single(handler.Seen.OfType<ClientEvent.Connected>());
        Assert.True(await host.Gateway.AddToGroupAsync(Group, new ConnectionId("gone"), Cancel) is false);
    }

    [Fact]
    public async Task A_refusal_is_a_401()
    {
        var handler = new ScriptedHandler { OnConnect = _ => new EventReply.Refused("no") };
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);

        Assert.Equal(401, (int)await host.RefusalAsync($"/client/hubs/sync?access_token={host.Token()}"));
    }

    [Fact]
    public async Task Unavailable_and_exceptions_are_tried_again_with_the_same_number()
    {
        var handler = new ScriptedHandler();
        handler.OnMessage = (_, attempt) =>
            attempt switch
            {
                1 => new EventReply.Unavailable("later"),
                2 => throw new InvalidOperationException("broken"),
                _ => new EventReply.Text("done"u8.ToArray()),
            };
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await time.PassSecondsAsync(1);
        await time.PassSecondsAsync(3);

        Assert.Equal("done", await client.TextAsync());
        Assert.Equal(
            [2L, 2L, 2L],
            handler.Seen.OfType<ClientEvent.Message>().Select(message => message.Context.EventId)
        );
    }

    [Fact]
    public async Task A_reply_of_more_than_one_mebibyte_drops_the_client_as_over_http()
    {
        var handler = new ScriptedHandler { OnMessage = (_, count) => new EventReply.Text(new byte[(1024 * 1024) + count - 1]) };
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        Assert.Equal(1024 * 1024, (await client.TextAsync()).Length);

        await client.SendAsync("x");

        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task Several_handlers_take_turns()
    {
        ScriptedHandler[] handlers = [new(), new()];
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, [.. handlers]);
        var client = await host.ConnectAsync();
        for (var number = 0; number < 6; number++)
        {
            await client.SendAsync("x");
        }

        await Soon.UntilAsync(() => handlers.Sum(handler => handler.Seen.Count) == 8);
        Assert.All(handlers, handler => Assert.Equal(4, handler.Seen.Count));
    }

    [Fact]
    public async Task A_connection_that_is_being_decided_cannot_join()
    {
        bool? joined = null;
        EmulatorHost? host = null;
        var handler = new ScriptedHandler();
        handler.OnConnectAsync = async connect =>
        {
            joined = await host!.Gateway.AddToGroupAsync(Group, connect.Context.Connection, Cancel);
        };
        await using var started = host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);
        await host.ConnectAsync();

        Assert.False(joined);
    }

    [Fact]
    public async Task The_gateway_sends_as_rest_does()
    {
        var handler = new ScriptedHandler();
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);
        var (ann, annId) = await OpenAsync(host, handler);
        var (bob, bobId) = await OpenAsync(host, handler);
        Assert.True(await host.Gateway.AddToGroupAsync(Group, annId, Cancel));
        Assert.True(await host.Gateway.AddToGroupAsync(Group, bobId, Cancel));
        Assert.True(await host.Gateway.ConnectionExistsAsync(annId, Cancel));

        var buffer = "\"all\""u8.ToArray();
        await host.Gateway.SendToGroupAsync(Group, buffer, Audience.All, Cancel);
        Array.Fill(buffer, (byte)'x');
        await SendAsync(host, "\"not ann\"", new Audience.Except([annId]));
        await SendAsync(host, "\"ann\"", new Audience.Only(annId));
        await SendAsync(host, "\"nobody\"", new Audience.Only(new ConnectionId("gone")));
        await host.Gateway.SendToGroupAsync(Next, "\"no member\""u8.ToArray(), new Audience.Only(annId), Cancel);
        await SendAsync(host, "\"end\"", Audience.All);

        Assert.Equal(
            ["\"all\"", "\"ann\"", "\"end\""],
            [await ann.TextAsync(), await ann.TextAsync(), await ann.TextAsync()],
            StringComparer.Ordinal
        );
        Assert.Equal(
            ["\"all\"", "\"not ann\"", "\"end\""],
            [await bob.TextAsync(), await bob.TextAsync(), await bob.TextAsync()],
            StringComparer.Ordinal
        );
    }

    [Fact]
    public async Task The_gateway_moves_lists_and_closes()
    {
        var handler = new ScriptedHandler();
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time, handler);
        var (ann, annId) = await OpenAsync(host, handler);
        var (_, bobId) = await OpenAsync(host, handler);
        await host.Gateway.AddToGroupAsync(Group, annId, Cancel);
        await host.Gateway.AddToGroupAsync(Next, bobId, Cancel);
        await host.Gateway.MoveGroupAsync([Group, Next], Next, Cancel);

        Assert.Empty(await ListAsync(host, Group));
        Assert.Equal([annId, bobId], await ListAsync(host, Next));

        await host.Gateway.RemoveFromGroupAsync(Next, bobId, Cancel);
        await host.Gateway.CloseConnectionAsync(annId, "enough", Cancel);
        Assert.Empty(await ListAsync(host, Next));
        Assert.False(await host.Gateway.ConnectionExistsAsync(annId, Cancel));
        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, (await ann.ReceiveAsync()).Status);
    }

    public static TheoryData<byte[]> Refused =>
        new()
        {
            "{"u8.ToArray(),
            Array.Empty<byte>(),
            new byte[] { (byte)'"', 0xff, (byte)'"' },
            Encoding.UTF8.GetBytes('"' + new string('x', GatewayLimits.MessageBytesMax) + '"'),
        };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task The_gateway_refuses_what_rest_refuses(byte[] message)
    {
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time);

        await Assert.ThrowsAsync<GatewayException>(() =>
            host.Gateway.SendToGroupAsync(Group, message, Audience.All, Cancel)
        );
    }

    [Fact]
    public async Task The_gateway_refuses_more_excluded_connections_than_a_url_holds()
    {
        await using var host = await EmulatorHost.StartAsync(EmulatorHost.Options(), time);
        var many = Enumerable
            .Range(0, GatewayLimits.ExcludedConnectionsMax + 1)
            .Select(number => new ConnectionId($"{number}"))
            .ToArray();

        await Assert.ThrowsAsync<GatewayException>(() => SendAsync(host, "1", new Audience.Except(many)));
        await Assert.ThrowsAsync<GatewayException>(() =>
            host.Gateway.AddToGroupAsync(new GroupName(" "), many[0], Cancel)
        );
    }

    private static Task SendAsync(EmulatorHost host, string message, Audience audience) =>
        host.Gateway.SendToGroupAsync(Group, Encoding.UTF8.GetBytes(message), audience, Cancel);

    private static async Task<List<ConnectionId>> ListAsync(EmulatorHost host, GroupName group)
    {
        var members = new List<ConnectionId>();
        await foreach (var member in host.Gateway.ListGroupAsync(group, Cancel))
        {
            members.Add(member);
        }

        return members;
    }

    private static async Task<(TestClient Client, ConnectionId Id)> OpenAsync(EmulatorHost host, ScriptedHandler handler)
    {
        var client = await host.ConnectAsync();
        return (client, handler.Seen.OfType<ClientEvent.Connect>().Last().Context.Connection);
    }
}
