using System.Net;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Checking_client_tokens : IAsyncLifetime
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

    [Theory]
    [InlineData("/client/hubs/sync?access_token={0}")]
    [InlineData("/client/hubs/SYNC?access_token={0}")]
    [InlineData("/client/?hub=sync&access_token={0}")]
    public async Task A_token_of_the_access_key_opens_every_form_of_the_address(string address)
    {
        await host.ConnectToAsync(string.Format(null, address, host.Token()));

        var connected = await upstream.NextAsync("connected");

        Assert.Equal("ann", connected.Headers["ce-userId"]);
        Assert.Equal("{}", connected.Text);
    }

    [Fact]
    public async Task A_token_may_come_as_a_bearer_header()
    {
        await host.ConnectToAsync(
            "/client/hubs/sync",
            options => options.SetRequestHeader("Authorization", "Bearer " + host.Token())
        );

        var connect = await upstream.NextAsync("connect");

        Assert.DoesNotContain("Bearer", connect.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<string, string?>> WrongTokens =>
        new()
        {
            { "none", _ => null },
            { "no token at all", _ => "nonsense" },
            { "another key", url => Wrong(url + "/client/hubs/sync", key: "another key") },
            { "another hub", url => Wrong(url + "/client/hubs/other") },
            { "another host", _ => Wrong("http://elsewhere/client/hubs/sync") },
            {
                "the scheme of sockets",
                url => Wrong(url.Replace("http", "ws", StringComparison.Ordinal) + "/client/hubs/sync")
            },
            { "expired beyond the skew", url => Wrong(url + "/client/hubs/sync", from: -20, until: -6) },
            { "not valid yet beyond the skew", url => Wrong(url + "/client/hubs/sync", from: 6, until: 20) },
        };

    [Theory]
    [MemberData(nameof(WrongTokens), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_token_is_refused_with_401(string what, Func<string, string?> make)
    {
        var token = make(host.Url);

        var status = await host.RefusalAsync("/client/hubs/sync" + (token is null ? "" : $"?access_token={token}"));

        Assert.True(status == HttpStatusCode.Unauthorized, $"{what}: {status}");
        Assert.Empty(upstream.Log);
    }

    [Theory]
    [InlineData(-60, -4)]
    [InlineData(4, 60)]
    public async Task Clocks_may_differ_by_less_than_five_minutes(double from, double until)
    {
        var token = Wrong(host.Url + "/client/hubs/sync", EmulatorHost.AccessKey, from, until);

        await host.ConnectToAsync($"/client/hubs/sync?access_token={token}");

        await upstream.NextAsync("connected");
    }

    private static string Wrong(string audience, string key = EmulatorHost.AccessKey, double from = 0, double until = 60)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(
            TimeProvider.System.GetUtcNow().AddMinutes(from)
        );
        return new PubSubEmulator.Tokens.AccessTokens(new PubSubOptions { AccessKey = key }, time).Create(
            audience,
            TimeSpan.FromMinutes(until - from),
            new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ann" }
        );
    }
}
