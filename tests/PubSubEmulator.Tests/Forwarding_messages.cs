using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Forwarding_messages : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private ScriptedUpstream upstream = null!;
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync()
    {
        time.SetUtcNow(new DateTimeOffset(2026, 11, 23, 5, 49, 24, TimeSpan.Zero));
        upstream = await ScriptedUpstream.StartAsync();
        host = await EmulatorHost.StartAsync(EmulatorHost.Options(upstream.Template), time);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_text_frame_becomes_a_cloud_event()
    {
        var client = await host.ConnectAsync("Zoë");
        await client.SendAsync("""{"a":1}""");

        var message = await upstream.NextAsync("message");

        Assert.Equal("""{"a":1}""", message.Text);
        Assert.Equal("/hooks/sync/message", message.Path);
        var expected = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Content-Type"] = "text/plain; charset=utf-8",
            ["ce-specversion"] = "1.0",
            ["ce-awpsversion"] = "1.0",
            ["ce-type"] = "azure.webpubsub.user.message",
            ["ce-source"] = $"/hubs/sync/client/{message.Connection}",
            ["ce-id"] = "2",
            ["ce-time"] = "2026-11-23T05:49:24Z",
            ["ce-hub"] = "sync",
            ["ce-eventName"] = "message",
            ["ce-userId"] = "Zoë",
            ["WebHook-Request-Origin"] = "localhost",
        };
        Assert.All(expected, header => Assert.Equal(header.Value, message.Headers[header.Key]));
        Assert.False(message.Headers.ContainsKey("ce-connectionState"));
    }

    [Fact]
    public async Task The_signature_is_that_of_the_connection_id_under_the_access_key()
    {
        var client = await host.ConnectAsync();
        await client.SendAsync("x");

        var message = await upstream.NextAsync("message");

        var hmac = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(EmulatorHost.AccessKey),
            Encoding.UTF8.GetBytes(message.Connection)
        );
        Assert.Equal("sha256=" + Convert.ToHexStringLower(hmac), message.Headers["ce-signature"]);
    }

    [Fact]
    public async Task A_binary_frame_travels_as_octets()
    {
        var client = await host.ConnectAsync();
        await client.SendAsync([0, 255, 1], WebSocketMessageType.Binary);

        var message = await upstream.NextAsync("message");

        Assert.Equal("application/octet-stream", message.Headers["Content-Type"]);
        Assert.Equal([0, 255, 1], message.Body);
    }

    [Fact]
    public async Task The_next_frame_waits_for_the_answer_to_the_one_before()
    {
        var inFlight = 0;
        var most = 0;
        using var release = new SemaphoreSlim(0);
        upstream.OnMessage(async received =>
        {
            var isOther = received.Text is "other";
            most = Math.Max(most, isOther ? 0 : Interlocked.Increment(ref inFlight));
            await release.WaitAsync();
            Interlocked.Add(ref inFlight, isOther ? 0 : -1);
            return Reply.Text(received.Text);
        });
        var client = await host.ConnectAsync();
        var other = await host.ConnectAsync("bob");

        await client.SendAsync("1");
        await client.SendAsync("2");
        await upstream.NextAsync("message");

        // When a later frame of another client has arrived, an emulator that does not wait would have forwarded the second.
        await other.SendAsync("other");
        Assert.Equal("other", (await upstream.NextAsync("message")).Text);
        Assert.Equal(2, upstream.All("message").Count);

        release.Release(3);
        Assert.Equal("1", await client.TextAsync());
        Assert.Equal("2", await client.TextAsync());
        Assert.Equal(1, most);
        Assert.Equal([2, 3], upstream.All("message").Where(m => m.Text is not "other").Select(m => m.Id));
    }

    public static TheoryData<int, string?, string, WebSocketMessageType> Frames =>
        new()
        {
            { 200, "text/plain", "hi", WebSocketMessageType.Text },
            { 200, "application/json; charset=utf-8", "{\"b\":2}", WebSocketMessageType.Text },
            { 202, "text/plain", "hi", WebSocketMessageType.Text },
            { 200, "application/octet-stream", "hi", WebSocketMessageType.Binary },
            { 200, null, "hi", WebSocketMessageType.Binary },
        };

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task The_body_of_an_answer_becomes_a_frame(
        int status,
        string? contentType,
        string body,
        WebSocketMessageType type
    )
    {
        upstream.OnMessage(_ => Task.FromResult(new Reply(status, contentType, Encoding.UTF8.GetBytes(body))));
        var client = await host.ConnectAsync();
        await client.SendAsync("x");

        Assert.Equal(new Got(type, body), await client.ReceiveAsync());
    }

    [Theory]
    [InlineData(204, null)]
    [InlineData(200, null)]
    [InlineData(200, "text/plain")]
    [InlineData(200, "text/html")]
    public async Task An_answer_without_a_body_sends_nothing(int status, string? contentType)
    {
        upstream.OnMessage(received =>
            Task.FromResult(received.Text is "silent" ? new Reply(status, contentType) : Reply.Text("loud"))
        );
        var client = await host.ConnectAsync();
        await client.SendAsync("silent");
        await client.SendAsync("loud");

        Assert.Equal("loud", await client.TextAsync());
    }

    [Theory]
    [InlineData(400, null)]
    [InlineData(401, null)]
    [InlineData(404, "text/plain")]
    [InlineData(429, null)]
    [InlineData(302, null)]
    [InlineData(200, "text/html")]
    public async Task An_answer_that_cannot_be_passed_on_drops_the_client_at_once(int status, string? contentType)
    {
        upstream.OnMessage(_ => Task.FromResult(new Reply(status, contentType, "secret"u8.ToArray())));
        var client = await host.ConnectAsync();
        await client.SendAsync("x");

        var end = await client.ReceiveAsync();

        Assert.Equal(
            new Got(WebSocketMessageType.Close, "Internal server error", WebSocketCloseStatus.InternalServerError),
            end
        );
        Assert.Single(upstream.All("message"));
    }

    [Fact]
    public async Task An_answer_of_one_mebibyte_becomes_a_frame_and_a_larger_one_drops_the_client()
    {
        const int MiB = 1024 * 1024;
        upstream.OnMessage(received => Task.FromResult(Reply.Text(new string('x', MiB + (received.Text is "more" ? 1 : 0)))));
        var client = await host.ConnectAsync();
        await client.SendAsync("fits");
        Assert.Equal(MiB, (await client.TextAsync()).Length);

        await client.SendAsync("more");

        Assert.Equal(WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
        Assert.Equal(2, upstream.All("message").Count);
    }

    [Fact]
    public async Task Text_that_is_no_utf8_drops_the_client()
    {
        upstream.OnMessage(_ => Task.FromResult(new Reply(200, "text/plain", [0xff])));
        var client = await host.ConnectAsync();
        await client.SendAsync("x");

        Assert.Equal(WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task Connection_state_is_carried_from_answer_to_event()
    {
        var answers = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["set"] = "s1",
            ["keep"] = null,
            ["clear"] = "",
            ["look"] = null,
        };
        upstream.OnMessage(received =>
            Task.FromResult(Reply.Text($"<{received.State ?? "none"}>") with { State = answers[received.Text] })
        );
        var client = await host.ConnectAsync();
        var seen = new List<string>();
        foreach (var text in answers.Keys)
        {
            await client.SendAsync(text);
            seen.Add(await client.TextAsync());
        }

        Assert.Equal(["<none>", "<s1>", "<s1>", "<>"], seen, StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_connected_cannot_change_the_state()
    {
        upstream.OnEvent = received =>
            Task.FromResult(
                received.Name is "message"
                    ? Reply.Text(received.State ?? "none")
                    : Reply.Nothing with
                    {
                        State = received.Name,
                    }
            );
        var client = await host.ConnectAsync();
        await upstream.NextAsync("connected");
        await client.SendAsync("x");

        Assert.Equal("connect", await client.TextAsync());
    }

    [Fact]
    public async Task Cookies_stay_with_their_connection()
    {
        upstream.OnEvent = received =>
            Task.FromResult(
                received.Name is "connect"
                    ? Reply.Nothing with
                    {
                        SetCookie = $"ARRAffinity={received.Connection}; Path=/; HttpOnly",
                    }
                    : Reply.Nothing
            );
        var first = await host.ConnectAsync();
        var second = await host.ConnectAsync("bob");
        await first.SendAsync("x");
        var message = await upstream.NextAsync("message");
        await second.SendAsync("y");
        var other = await upstream.NextAsync("message");

        Assert.NotEqual(message.Connection, other.Connection, StringComparer.Ordinal);
        Assert.Equal("ARRAffinity=" + message.Connection, message.Headers["Cookie"]);
        Assert.Equal("ARRAffinity=" + other.Connection, other.Headers["Cookie"]);
    }
}
