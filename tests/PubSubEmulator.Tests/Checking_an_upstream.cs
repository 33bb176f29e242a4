using System.Net;
using System.Net.WebSockets;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Checking_an_upstream : IAsyncLifetime
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

    [Fact]
    public async Task The_first_event_waits_for_one_preflight()
    {
        await host.ConnectAsync();
        await host.ConnectAsync("bob");
        await upstream.NextAsync("connected");

        var preflight = upstream.Log[0];

        Assert.Equal("OPTIONS", preflight.Method);
        Assert.Equal("/hooks/sync/validate", preflight.Path);
        Assert.Equal("localhost", preflight.Headers["WebHook-Request-Origin"]);
        Assert.Equal("1.0", preflight.Headers["ce-awpsversion"]);
        Assert.False(preflight.Headers.ContainsKey("ce-signature"));
        Assert.Single(upstream.Log, received => received.Method is not "POST");
    }

    [Fact]
    public async Task A_404_is_asked_once_more_with_get()
    {
        upstream.OnPreflight = received => received.Method is "OPTIONS" ? (404, null) : (200, "elsewhere, LOCALHOST");

        await host.ConnectAsync();

        Assert.Equal(
            ["OPTIONS", "GET"],
            upstream.Log.Take(2).Select(received => received.Method),
            StringComparer.Ordinal
        );
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(200, "elsewhere")]
    [InlineData(401, "*")]
    public async Task An_upstream_that_does_not_agree_gets_no_event(int status, string? origin)
    {
        upstream.OnPreflight = _ => (status, origin);

        var refusal = host.RefusalAsync($"/client/hubs/sync?access_token={host.Token()}");
        await time.PassSecondsAsync(1);
        await time.PassSecondsAsync(3);
        await time.PassSecondsAsync(5);

        Assert.Equal(HttpStatusCode.InternalServerError, await refusal);
        Assert.All(upstream.Log, received => Assert.Equal("OPTIONS", received.Method));
        Assert.Equal(4, upstream.Log.Count);
    }

    [Fact]
    public async Task An_upstream_that_starts_late_is_found()
    {
        var asked = 0;
        upstream.OnPreflight = _ => Interlocked.Increment(ref asked) == 1 ? (503, null) : (200, "*");

        var connecting = host.ConnectAsync();
        await time.PassSecondsAsync(1);

        Assert.Equal(WebSocketState.Open, (await connecting).Socket.State);
    }

    [Fact]
    public async Task A_good_answer_is_asked_for_again_after_a_minute()
    {
        var client = await host.ConnectAsync();
        time.Advance(TimeSpan.FromSeconds(61));
        await client.SendAsync("still goes while the question is open");
        await upstream.NextAsync("message");

        await Soon.UntilAsync(() => upstream.Log.Count(received => received.Method is "OPTIONS") == 2);
    }
}
