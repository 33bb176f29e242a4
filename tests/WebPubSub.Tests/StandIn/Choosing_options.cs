using ServerlessSync.Local.PubSub;

namespace ServerlessSync.WebPubSub.Tests.StandIn;

public sealed class Choosing_options
{
    public static TheoryData<string, PubSubOptions> Wrong =>
        new()
        {
            { "Hub", new PubSubOptions { AccessKey = "k", Hub = "7" } },
            { "Hub", new PubSubOptions { AccessKey = "k", Hub = "a b" } },
            { "Hub", new PubSubOptions { AccessKey = "k", Hub = new string('h', 129) } },
            { "AccessKey", new PubSubOptions { AccessKey = "" } },
            { "AccessKey", new PubSubOptions { AccessKey = new string('k', 1025) } },
            { "UpstreamTemplate", new PubSubOptions { AccessKey = "k", UpstreamTemplate = "/relative" } },
            { "UpstreamTemplate", new PubSubOptions { AccessKey = "k", UpstreamTemplate = "tunnel:///x" } },
            { "UpstreamTemplate", new PubSubOptions { AccessKey = "k", UpstreamTemplate = "http://{hub}.test/x" } },
            { "UpstreamTemplate", new PubSubOptions { AccessKey = "k", UpstreamTemplate = "http://test/{other}" } },
            { "Endpoint", new PubSubOptions { AccessKey = "k", Endpoint = new Uri("wss://test") } },
            { "Endpoint", new PubSubOptions { AccessKey = "k", Endpoint = new Uri("/x", UriKind.Relative) } },
            { "KeepAliveInterval", new PubSubOptions { AccessKey = "k", KeepAliveInterval = TimeSpan.Zero } },
            { "KeepAliveInterval", new PubSubOptions { AccessKey = "k", KeepAliveInterval = TimeSpan.FromHours(2) } },
            { "OutboundMessagesMax", new PubSubOptions { AccessKey = "k", Limits = new PubSubLimits { OutboundMessagesMax = 0 } } },
            { "OutboundBytesMax", new PubSubOptions { AccessKey = "k", Limits = new PubSubLimits { OutboundBytesMax = 0 } } },
            { "ConnectionsMax", new PubSubOptions { AccessKey = "k", Limits = new PubSubLimits { ConnectionsMax = 0 } } },
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
        var options = new PubSubOptions { AccessKey = "k", UpstreamTemplate = template, Endpoint = new Uri("http://localhost:8080") };

        Assert.Empty(options.Problems());
    }
}
