using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Sessions;

namespace ServerlessSync.Core.Tests.Limits;

public sealed class Filling_buckets
{
    private const long Second = TimeSpan.TicksPerSecond;
    private static readonly long Start = new DateTimeOffset(2026, 11, 30, 0, 0, 0, TimeSpan.Zero).Ticks;

    private readonly BucketSet buckets = new(new BucketRule(10, 2), new BucketRule(1_000, 100));

    [Fact]
    public void A_full_bucket_gives_what_it_holds_at_once_and_then_what_comes_back()
    {
        var fullAt = new long[2];
        for (var use = 0; use < 10; use++)
        {
            Assert.Equal(TimeSpan.Zero, buckets.WaitFor(fullAt, [1, 0], Start).Time);
            buckets.Take(fullAt, [1, 0], Start);
        }

        Assert.Equal(new BucketWait(TimeSpan.FromSeconds(0.5), 0), buckets.WaitFor(fullAt, [1, 0], Start));
        Assert.Equal(TimeSpan.FromSeconds(1.5), buckets.WaitFor(fullAt, [3, 0], Start).Time);
        Assert.Equal(TimeSpan.Zero, buckets.WaitFor(fullAt, [3, 0], Start + (Second * 3 / 2)).Time);
    }

    [Fact]
    public void The_bucket_that_takes_longest_is_named()
    {
        var fullAt = new long[2];
        buckets.Take(fullAt, [10, 1_000], Start);

        Assert.Equal(new BucketWait(TimeSpan.FromSeconds(1), 1), buckets.WaitFor(fullAt, [1, 100], Start));
        Assert.Equal(new BucketWait(TimeSpan.FromSeconds(0.5), 0), buckets.WaitFor(fullAt, [1, 0], Start));
    }

    [Fact]
    public void A_pause_fills_a_bucket_and_no_more()
    {
        var fullAt = new long[2];
        buckets.Take(fullAt, [10, 0], Start);

        var later = Start + (1_000 * Second);

        Assert.True(BucketSet.AreFull(fullAt, later));
        buckets.Take(fullAt, [10, 0], later);
        Assert.Equal(TimeSpan.FromSeconds(0.5), buckets.WaitFor(fullAt, [1, 0], later).Time);
    }

    [Fact]
    public void What_costs_more_than_a_bucket_holds_waits_for_a_full_one_and_is_owed()
    {
        var fullAt = new long[2];
        Assert.Equal(TimeSpan.Zero, buckets.WaitFor(fullAt, [0, 5_000], Start).Time);

        buckets.Take(fullAt, [0, 5_000], Start);

        // 5,000 tokens take 50 s, but the debt is at most two buckets, whatever a state says.
        Assert.Equal(TimeSpan.FromSeconds(20), buckets.WaitFor(fullAt, [0, 1_000], Start).Time);
    }

    [Fact]
    public void Wrong_clocks_lock_no_client_out_for_long()
    {
        long[] fullAt = [Start + (365L * 86_400 * Second), -5];

        Assert.Equal(TimeSpan.FromSeconds(5.5), buckets.WaitFor(fullAt, [1, 1], Start).Time);
    }

    [Fact]
    public void The_state_of_a_connection_carries_them_beside_the_session()
    {
        var session = ClientSession.Of("Größe 😀").ToState();
        long[] fullAt = [Start + 12_345, Start - 1, 0, Start + Second];

        var state = ConnectionBuckets.Write(session, fullAt, Start);

        Assert.Equal(ClientSession.TryRead(session), ClientSession.TryRead(state));
        Assert.Equal([Start + (2 * TimeSpan.TicksPerMillisecond), 0, 0, Start + Second], ReadTicks(state));
        Assert.Equal(ReadTicks(state), ReadTicks(ConnectionBuckets.Write(state, ConnectionBuckets.Read(state, 4), Start)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not ours")]
    [InlineData("[]")]
    [InlineData("""{"u":"Hugo"}""")]
    [InlineData("""{"u":"Hugo","r":7}""")]
    [InlineData("""{"u":"Hugo","r":[1]}""")]
    [InlineData("""{"u":"Hugo","r":[-1,1e300,-9223372036854775808,0]}""")]
    public void A_state_without_buckets_has_full_ones(string? state) =>
        Assert.True(BucketSet.AreFull(ConnectionBuckets.Read(state, 4), Start));

    [Fact]
    public void A_connection_that_is_not_logged_in_has_a_state_that_names_no_user()
    {
        var state = ConnectionBuckets.Write(state: null, [Start + Second], Start);

        Assert.Null(ClientSession.TryRead(state));
        Assert.Equal(Start + Second, Assert.Single(ConnectionBuckets.Read(state, 1)));
    }

    [Fact]
    public void Options_that_cannot_be_used_are_named()
    {
        var options = new RateLimitOptions
        {
            Calls = new BucketRule(0, 1),
            Writes = new BucketRule(1, 0),
            Imports = new BucketRule(1, double.NaN),
            Creations = new BucketRule(long.MaxValue, 1),
            ProjectsMax = 0,
            DelayMax = TimeSpan.FromMinutes(1),
        };

        Assert.Equal(
            ["Calls", "Writes", "Creations", "Imports", "ProjectsMax", "DelayMax"],
            options.Problems().Select(static problem => problem.Split(' ')[0])
        );
        Assert.Empty(new RateLimitOptions().Problems());
    }

    private static long[] ReadTicks(string state) =>
        [.. ConnectionBuckets.Read(state, 4).Select(static ticks => ticks == DateTimeOffset.UnixEpoch.Ticks ? 0 : ticks)];
}
