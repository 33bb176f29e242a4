using System.Net.WebSockets;
using System.Threading.Channels;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Ending_connections : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;

    private readonly ManualTime time = new();
    private ScriptedUpstream upstream = null!;
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ScriptedUpstream.StartAsync();
        host = await EmulatorHost.StartAsync(EmulatorHost.Options(upstream.Template), time);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_frame_of_one_mebibyte_passes()
    {
        var client = await host.ConnectAsync();
        await client.SendAsync(new string('x', MiB));

        Assert.Equal(MiB, (await upstream.NextAsync("message")).Body.Length);
    }

    [Theory]
    [InlineData(MiB + 1)]
    [InlineData(5 * MiB)]
    public async Task A_larger_frame_closes_with_1009(int size)
    {
        var client = await host.ConnectAsync();
        var sending = client.SendAsync(new string('x', size));

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, (await client.ReceiveAsync()).Status);
        await sending;
        await client.CloseAsync();
        await upstream.NextAsync("disconnected");
        Assert.Empty(upstream.All("message"));
    }

    [Fact]
    public async Task A_text_frame_that_is_not_utf8_closes_with_1007_and_is_not_forwarded()
    {
        var client = await host.ConnectAsync();
        await client.SendAsync([(byte)'{', 0xff, (byte)'}'], WebSocketMessageType.Text);

        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, (await client.ReceiveAsync()).Status);

        var disconnected = await upstream.NextAsync("disconnected");
        Assert.Contains("invalid frame", disconnected.Text, StringComparison.Ordinal);
        Assert.Empty(upstream.All("message"));
        Assert.Equal(0, host.Service.ConnectionCount);
    }

    [Fact]
    public async Task The_clients_close_text_reaches_the_disconnected_event()
    {
        upstream.OnMessage(_ => Task.FromResult(Reply.Text("ok") with { State = "s" }));
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await client.TextAsync();
        await client.CloseAsync("good \"bye\"");

        var disconnected = await upstream.NextAsync("disconnected");

        Assert.Equal(3, disconnected.Id);
        Assert.Equal("s", disconnected.State);
        Assert.Equal("azure.webpubsub.sys.disconnected", disconnected.Headers["ce-type"]);
        using var body = System.Text.Json.JsonDocument.Parse(disconnected.Body);
        Assert.Equal("good \"bye\"", body.RootElement.GetProperty("reason").GetString());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
        Assert.Equal(0, host.Service.ConnectionCount);
    }

    [Fact]
    public async Task A_clean_close_is_reported_after_the_running_handler()
    {
        var answer = Channel.CreateUnbounded<Reply>();
        upstream.OnMessage(async _ => await answer.Reader.ReadAsync());
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await upstream.NextAsync("message");
        var closing = client.CloseAsync();
        Assert.Empty(upstream.All("disconnected"));
        await answer.Writer.WriteAsync(Reply.Nothing, TestContext.Current.CancellationToken);

        await upstream.NextAsync("disconnected");
        await closing;
    }

    [Fact]
    public async Task A_lost_connection_is_reported_while_its_handler_still_runs()
    {
        var answer = Channel.CreateUnbounded<Reply>();
        upstream.OnMessage(async _ => await answer.Reader.ReadAsync());
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await upstream.NextAsync("message");
        client.Socket.Abort();

        var disconnected = await upstream.NextAsync("disconnected");

        Assert.Contains("The connection ended.", disconnected.Text, StringComparison.Ordinal);
        Assert.Equal(0, host.Service.ConnectionCount);
        await answer.Writer.WriteAsync(Reply.Nothing, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_publisher_closes_with_1000_and_its_reason_reaches_the_handler_only()
    {
        var client = await host.ConnectAsync();
        var connection = (await upstream.NextAsync("connected")).Connection;

        Assert.Equal(204, await host.StatusAsync("DELETE", $"/connections/{connection}?reason=spring%20cleaning"));

        Assert.Equal(404, await host.StatusAsync("HEAD", $"/connections/{connection}"));
        Assert.Equal(
            new Got(WebSocketMessageType.Close, "", WebSocketCloseStatus.NormalClosure),
            await client.ReceiveAsync()
        );
        await client.CloseAsync();
        Assert.Contains(
            "Application server closed the connection. Reason: spring cleaning",
            (await upstream.NextAsync("disconnected")).Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_was_sent_before_a_close_still_arrives()
    {
        var client = await host.ConnectAsync();
        await host.StatusAsync("POST", "/:send", "1");
        await host.StatusAsync("POST", "/:closeConnections");

        Assert.Equal("1", await client.TextAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, (await client.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task A_client_that_does_not_answer_the_close_is_cut_off()
    {
        await host.ConnectAsync();
        var connection = (await upstream.NextAsync("connected")).Connection;
        await host.StatusAsync("DELETE", $"/connections/{connection}");
        await time.PassSecondsAsync(5);

        await upstream.NextAsync("disconnected");
    }

    [Theory]
    [InlineData(3, 1024 * MiB)]
    [InlineData(1000, 2 * MiB)]
    public async Task A_receiver_that_is_too_slow_is_dropped(int messages, int bytes)
    {
        await using var strict = await EmulatorHost.StartAsync(
            EmulatorHost.Options(
                upstream.Template,
                limits: new PubSubLimits { OutboundMessagesMax = messages, OutboundBytesMax = bytes }
            )
        );
        await strict.ConnectAsync();
        var body = '"' + new string('x', 900_000) + '"';

        // The buffers of two sockets are between the queue and a client that does not read.
        for (var sent = 0; sent < 200 && strict.Service.ConnectionCount == 1; sent++)
        {
            Assert.Equal(202, await strict.StatusAsync("POST", "/:send", body));
        }

        Assert.Equal(0, strict.Service.ConnectionCount);
        Assert.Contains("too slow", (await upstream.NextAsync("disconnected")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shutdown_closes_clients_with_1001_and_reports_them()
    {
        var client = await host.ConnectAsync();
        await upstream.NextAsync("connected");
        var stopping = host.StopAsync();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, (await client.ReceiveAsync()).Status);
        await client.CloseAsync();
        await Soon.Within(stopping);
        Assert.Single(upstream.All("disconnected"));
    }

    [Fact]
    public async Task Without_an_event_handler_a_message_drops_its_client()
    {
        await using var alone = await EmulatorHost.StartAsync(EmulatorHost.Options());
        var client = await alone.ConnectAsync();
        await client.SendAsync("x");

        Assert.Equal(WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
    }
}
