using System.Net;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Connecting_without_a_token : IAsyncLifetime
{
    private ScriptedUpstream upstream = null!;
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ScriptedUpstream.StartAsync();
        host = await EmulatorHost.StartAsync(EmulatorHost.Options(upstream.Template, allowAnonymous: true));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task The_handler_names_the_user()
    {
        upstream.OnEvent = received => Task.FromResult(Reply.Json($$"""{"userId":"anon-{{received.Connection}}"}"""));

        await host.ConnectToAsync("/client/hubs/sync");
        var connect = await upstream.NextAsync("connect");
        var connected = await upstream.NextAsync("connected");

        Assert.False(connect.Headers.ContainsKey("ce-userId"));
        Assert.Equal("anon-" + connected.Connection, connected.Headers["ce-userId"]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"userId":""}""")]
    public async Task A_client_without_a_user_id_is_refused(string answer)
    {
        upstream.OnEvent = _ => Task.FromResult(Reply.Json(answer));

        Assert.Equal(HttpStatusCode.Unauthorized, await host.RefusalAsync("/client/hubs/sync"));
    }

    [Fact]
    public async Task A_wrong_token_is_refused_all_the_same()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await host.RefusalAsync("/client/hubs/sync?access_token=x"));
    }
}
