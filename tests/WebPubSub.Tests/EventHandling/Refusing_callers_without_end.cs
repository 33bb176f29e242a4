using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

/// <summary>Whoever knows the address of the event handler can call it as often as the network lets it.</summary>
public sealed class Refusing_callers_without_end
{
    private const int NotLetIn = 2009;

    [Theory]
    [InlineData(true, 401)]
    [InlineData(false, 503)]
    public async Task A_flood_is_ten_lines_in_a_minute_and_then_a_number(bool isRefused, int status)
    {
        var sut = new Sut
        {
            Verdict = isRefused ? new CallerVerdict.Refused("the signature is wrong") : new CallerVerdict.Unavailable("no keys"),
        };
        var endpoint = sut.Endpoint;

        for (var call = 0; call < 1_000; call++)
        {
            Assert.Equal(status, await SendAsync(endpoint));
        }

        Assert.Equal(CallerRefusals.LoggedMax, sut.Log.Entries.Count);
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        await SendAsync(endpoint);
        Assert.Equal(
            "Before this, 990 further callers of the event handler were not let in.",
            Assert.Single(sut.Log.Entries, static entry => entry.Id == NotLetIn).Text
        );
        Assert.Equal(CallerRefusals.LoggedMax + 2, sut.Log.Entries.Count);
    }

    [Fact]
    public async Task Nothing_of_a_request_is_read_before_its_caller_is_known()
    {
        var sut = new Sut { Verdict = new CallerVerdict.Refused("the signature is wrong") };
        var context = EventRequest.Of("user.message", new string('x', 100_000));

        await sut.SendAsync(context);

        Assert.Equal(0, context.Request.Body.Position);
    }

    private static async Task<int> SendAsync(EventEndpoint endpoint)
    {
        var context = EventRequest.Of("sys.connected");
        await endpoint.HandleAsync(context, TestContext.Current.CancellationToken);
        return context.Response.StatusCode;
    }
}
