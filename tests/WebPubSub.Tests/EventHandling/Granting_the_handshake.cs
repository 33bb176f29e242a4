using Microsoft.AspNetCore.Http;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Granting_the_handshake
{
    [Theory]
    [InlineData("sync.webpubsub.azure.com", "sync.webpubsub.azure.com")]
    [InlineData("Sync.WebPubSub.azure.com", "Sync.WebPubSub.azure.com")]
    [InlineData("localhost:8080", "localhost:8080")]
    [InlineData("replica.example, sync.webpubsub.azure.com,own.example", "sync.webpubsub.azure.com")]
    public async Task A_known_host_is_echoed(string asked, string named)
    {
        // A verdict that refuses every caller: the handshake carries no token.
        var sut = new Sut { Verdict = new CallerVerdict.Refused("no token") };
        var response = await sut.SendAsync(EventRequest.Handshake(asked));
        Assert.Equal(200, response.StatusCode);
        Assert.Equal(named, response.Headers["WebHook-Allowed-Origin"]);
        Assert.Empty(sut.Handler.Events);
    }

    [Theory]
    [InlineData(null, 400)]
    [InlineData("", 400)]
    [InlineData(" , ", 400)]
    [InlineData("*", 403)]
    [InlineData("localhost", 403)]
    [InlineData("evil.example", 403)]
    [InlineData("sync.webpubsub.azure.com.evil.example", 403)]
    public async Task Others_are_refused(string? asked, int status)
    {
        var response = await new Sut().SendAsync(EventRequest.Handshake(asked));
        Assert.Equal(status, response.StatusCode);
        Assert.False(response.Headers.ContainsKey("WebHook-Allowed-Origin"));
    }

    [Theory]
    [InlineData("https://sync.webpubsub.azure.com", "sync.webpubsub.azure.com")]
    [InlineData("https://own.example:8443", "own.example own.example:8443")]
    [InlineData("http://127.0.0.1:8080", "127.0.0.1 127.0.0.1:8080 localhost localhost:8080 [::1] [::1]:8080")]
    public void A_service_is_known_by_the_names_that_it_may_call_itself(string endpoint, string names)
    {
        Assert.Equal(names.Split(' ').Order(), EventEndpointOptions.HostsOf(new Uri(endpoint)).Order());
    }

    [Fact]
    public async Task A_list_over_the_limit_is_refused()
    {
        var asked = string.Concat(Enumerable.Repeat("sync.webpubsub.azure.com,", EventLimits.OriginsMax + 1));
        Assert.Equal(400, (await new Sut().SendAsync(EventRequest.Handshake(asked))).StatusCode);
    }

    [Fact]
    public async Task Other_methods_are_refused()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        Assert.Equal(405, (await new Sut().SendAsync(context)).StatusCode);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("*.webpubsub.azure.com")]
    [InlineData("https://sync.webpubsub.azure.com")]
    [InlineData("sync.webpubsub.azure.com/")]
    [InlineData("sync.webpubsub.azure.com/path")]
    [InlineData("")]
    public void What_is_no_host_name_cannot_be_configured(string host) =>
        Assert.Throws<ArgumentException>(() => new EventEndpointOptions(HubName.Parse("h"), [host], []));

    [Fact]
    public void Some_host_must_be_configured() =>
        Assert.Throws<ArgumentException>(() => new EventEndpointOptions(HubName.Parse("h"), [], []));

    [Theory]
    [InlineData("*")]
    [InlineData("page.example")]
    [InlineData("https://page.example/")]
    [InlineData("https://page.example/path")]
    public void What_is_no_origin_cannot_be_configured(string origin) =>
        Assert.Throws<ArgumentException>(() => new EventEndpointOptions(HubName.Parse("h"), ["x"], [origin]));
}
