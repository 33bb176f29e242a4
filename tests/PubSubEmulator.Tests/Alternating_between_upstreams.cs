using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Tests;

/// <summary>Several upstreams, as instances behind a load balancer.</summary>
public sealed class Alternating_between_upstreams
{
    private readonly List<int> asked = [];

    [Fact]
    public async Task Each_event_goes_to_the_next_upstream()
    {
        using var upstreams = Three();
        for (var id = 0; id < 5; id++)
        {
            await upstreams.SendAsync(Event(id), TestContext.Current.CancellationToken);
        }

        Assert.Equal([0, 1, 2, 0, 1], asked);
    }

    [Fact]
    public async Task Every_further_attempt_goes_to_another_one_whatever_else_is_under_way()
    {
        using var upstreams = Three();
        var token = TestContext.Current.CancellationToken;
        var (slow, fast) = (Event(1), Event(2));
        await upstreams.SendAsync(slow, token);
        await upstreams.SendAsync(fast, token);
        await upstreams.SendAsync(Event(3), token);
        asked.Clear();

        // By simple alternation this attempt would go to the first again, which failed.
        await upstreams.SendAsync(slow, token);
        await upstreams.SendAsync(slow, token);
        await upstreams.SendAsync(slow, token);
        Assert.Equal([1, 2, 0], asked);
    }

    private static UpstreamEvent Event(long id) =>
        new(
            UpstreamEventKind.Message,
            "sync",
            "connection",
            id,
            $"request {id}",
            DateTimeOffset.UnixEpoch,
            UserId: null,
            Subprotocol: null,
            State: null,
            "text/plain",
            default
        );

    private UpstreamRotation Three() => new([new Upstream(0, asked), new Upstream(1, asked), new Upstream(2, asked)]);

    private sealed class Upstream(int place, List<int> asked) : IUpstream
    {
        public Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken)
        {
            asked.Add(place);
            return Task.FromResult<UpstreamReply>(new UpstreamReply.Failed("refused", IsTransient: true));
        }
    }
}
