using ServerlessSync.PubSubEmulator;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Choosing_options
{
    private static readonly PubSubLimits Limits = new();

    public static TheoryData<string, PubSubOptions> Wrong =>
        new()
        {
            { "Hub", Of(hub: "7") },
            { "Hub", Of(hub: "a b") },
            { "Hub", Of(hub: new string('h', 129)) },
            { "AccessKey", Of(key: "") },
            { "AccessKey", Of(key: new string('k', 1025)) },
            { "UpstreamTemplates", Of(upstream: "/relative") },
            { "UpstreamTemplates", Of(upstream: "tunnel:///x") },
            { "UpstreamTemplates", Of(upstream: "http://{hub}.test/x") },
            { "UpstreamTemplates", Of(upstream: "http://test/{other}") },
            { "Endpoint", Of(endpoint: new Uri("wss://test")) },
            { "Endpoint", Of(endpoint: new Uri("/x", UriKind.Relative)) },
            { "KeepAliveInterval", Of(keepAliveSeconds: 0) },
            { "KeepAliveInterval", Of(keepAliveSeconds: 3601) },
            { "OutboundMessagesMax", Of(limits: Limits with { OutboundMessagesMax = 0 }) },
            { "OutboundBytesMax", Of(limits: Limits with { OutboundBytesMax = 0 }) },
            { "ConnectionsMax", Of(limits: Limits with { ConnectionsMax = 0 }) },
        };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void A_wrong_option_is_named(string name, PubSubOptions options)
    {
        Assert.StartsWith(name + " ", Assert.Single(options.Problems()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://localhost:7071/api/events")]
    [InlineData("https://test/{hub}/api/{event}?code=x")]
    public void Usable_options_have_no_problem(string? template)
    {
        Assert.Empty(Of(upstream: template, endpoint: new Uri("http://localhost:8080")).Problems());
    }

    [Fact]
    public void More_upstreams_than_can_take_turns_are_a_problem()
    {
        var many = Enumerable.Repeat("http://test/{event}", PubSubOptions.UpstreamsMax + 1).ToList();
        var problem = Assert.Single(new PubSubOptions { AccessKey = "k", UpstreamTemplates = many }.Problems());
        Assert.StartsWith("UpstreamTemplates", problem, StringComparison.Ordinal);
        Assert.Empty(new PubSubOptions { AccessKey = "k", UpstreamTemplates = many[1..] }.Problems());
    }

    private static PubSubOptions Of(
        string hub = "sync",
        string key = "k",
        string? upstream = null,
        Uri? endpoint = null,
        double keepAliveSeconds = 20,
        PubSubLimits? limits = null
    ) =>
        new()
        {
            Hub = hub,
            AccessKey = key,
            UpstreamTemplates = upstream is null ? [] : [upstream],
            Endpoint = endpoint,
            KeepAliveInterval = TimeSpan.FromSeconds(keepAliveSeconds),
            Limits = limits ?? Limits,
        };
}
