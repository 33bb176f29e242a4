using System.Net.WebSockets;
using System.Threading.Channels;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Retrying_messages : IAsyncLifetime
{
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

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task A_failure_is_tried_again_after_one_and_three_seconds_as_the_same_event(int status)
    {
        var attempts = 0;
        upstream.OnMessage(_ =>
            Task.FromResult(Interlocked.Increment(ref attempts) < 3 ? new Reply(status) : Reply.Text("done"))
        );
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await time.PassSecondsAsync(1);
        await time.PassSecondsAsync(3);

        Assert.Equal("done", await client.TextAsync());
        var messages = upstream.All("message");
        Assert.Equal(3, messages.Count);
        Assert.Equal([2, 2, 2], messages.Select(message => message.Id));
        Assert.Single(
            messages.Select(message => message.Headers["x-ms-client-request-id"]).Distinct(StringComparer.Ordinal)
        );
        Assert.Single(messages.Select(message => message.Headers["ce-time"]).Distinct(StringComparer.Ordinal));
        Assert.All(messages, message => Assert.Equal("x", message.Text));
    }

    [Fact]
    public async Task After_four_failures_the_client_is_dropped()
    {
        upstream.OnMessage(_ => Task.FromResult(new Reply(500)));
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await time.PassSecondsAsync(1);
        await time.PassSecondsAsync(3);
        await time.PassSecondsAsync(5);

        Assert.Equal(WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
        Assert.Equal(4, upstream.All("message").Count);
    }

    [Fact]
    public async Task An_upstream_that_cannot_be_reached_is_tried_again()
    {
        var client = await host.ConnectAsync();
        await upstream.NextAsync("connected");
        await upstream.DisposeAsync();
        await client.SendAsync("x");
        await time.PassSecondsAsync(1);
        await time.PassSecondsAsync(3);
        await time.PassSecondsAsync(5);

        Assert.Equal(WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_is_given_up_without_another_attempt()
    {
        var never = Channel.CreateUnbounded<Reply>();
        upstream.OnMessage(async _ => await never.Reader.ReadAsync());
        var client = await host.ConnectAsync();
        await client.SendAsync("x");
        await upstream.NextAsync("message");
        time.Advance(TimeSpan.FromSeconds(100));

        Assert.Equal(WebSocketCloseStatus.InternalServerError, (await client.ReceiveAsync()).Status);
        Assert.Single(upstream.All("message"));
        await never.Writer.WriteAsync(Reply.Nothing, TestContext.Current.CancellationToken);
    }
}
