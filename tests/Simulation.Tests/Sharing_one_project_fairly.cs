using ServerlessSync.Simulation.Performance;

namespace ServerlessSync.Simulation.Tests;

/// <summary>
/// 200 clients that edit without a pause, in virtual time with 10 ms for each request to storage or service: what comes out is the same
/// on every machine.
/// </summary>
public sealed class Sharing_one_project_fairly(Sharing_one_project_fairly.Runs runs) : IClassFixture<Sharing_one_project_fairly.Runs>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public void Eight_instances_keep_half_of_the_throughput_of_one() =>
        Assert.True(
            runs.Of(8).PerSecond >= runs.Of(1).PerSecond / 2,
            $"one instance: {runs.Of(1).PerSecond:F0} revisions per second, eight: {runs.Of(8).PerSecond:F0}"
        );

    /// <summary>
    /// The more instances there are, the fewer clients happen to be at the one that holds the lease, and so need no inbox row; the tenth
    /// allows for those. Without the inbox rows it falls to a fraction.
    /// </summary>
    [Fact]
    public void Throughput_does_not_fall_from_four_to_sixteen_instances() =>
        Assert.True(
            runs.Of(16).PerSecond >= runs.Of(4).PerSecond * 0.9,
            $"four instances: {runs.Of(4).PerSecond:F0} revisions per second, sixteen: {runs.Of(16).PerSecond:F0}"
        );

    /// <summary>The same without those at the holder of the lease: the twentieth is for rows that more writers bring.</summary>
    [Fact]
    public void An_edit_that_goes_through_the_inbox_takes_no_longer_with_sixteen_instances_than_with_four() =>
        Assert.True(
            MillisecondsThroughInbox(16) <= MillisecondsThroughInbox(4) * 1.05,
            $"four instances: {MillisecondsThroughInbox(4):F1} ms, sixteen: {MillisecondsThroughInbox(16):F1} ms"
        );

    [Fact]
    public void Four_instances_seldom_lose_a_race_over_people_who_pause()
    {
        var least = TimeSpan.FromMilliseconds(5);
        var result = LoadModel.Run(
            new LoadCase(Instances: 4, Clients: 10, least, least * 2)
            {
                ThinkMax = TimeSpan.FromSeconds(20),
                Measured = TimeSpan.FromSeconds(60),
            }
        );

        Assert.Empty(result.Failures);
        Assert.True(
            result.Per(static counts => counts.LostTransactions) < 0.1,
            $"{result.Per(static counts => counts.LostTransactions):F2} lost races for each revision"
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Nobody_starves_and_nothing_is_lost_or_doubled(int instances)
    {
        var result = runs.Of(instances);

        Assert.Empty(result.Failures);
        Assert.Equal(0, result.Counts.TurnedAway);
        Assert.Equal(0, result.Counts.Repeats);
        Assert.True(result.LongestWait < Patience, $"somebody waited {result.LongestWait.TotalSeconds:F1} s");
    }

    /// <summary>From one edit of a client to its next; a client of one in so many is at the holder, where it is as with one instance.</summary>
    private double MillisecondsThroughInbox(int instances)
    {
        var atHolder = 1_000 * Runs.Clients / runs.Of(1).PerSecond;
        var all = 1_000 * Runs.Clients / runs.Of(instances).PerSecond;
        return (all - (atHolder / instances)) / (1 - (1.0 / instances));
    }

    /// <summary>Each fleet runs once for all tests.</summary>
    public sealed class Runs
    {
        public const int Clients = 200;

        private readonly Dictionary<int, LoadResult> results = [];

        internal LoadResult Of(int instances)
        {
            if (!results.TryGetValue(instances, out var result))
            {
                var latency = TimeSpan.FromMilliseconds(10);
                var load = new LoadCase(instances, Clients, latency, latency)
                {
                    // Sixteen engines load the project one after the other in the first second.
                    WarmUp = TimeSpan.FromSeconds(1.5),
                    Measured = TimeSpan.FromSeconds(2),
                };
                results[instances] = result = LoadModel.Run(load);
            }

            return result;
        }
    }
}
