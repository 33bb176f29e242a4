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

    /// <summary>Each fleet runs once for all tests.</summary>
    public sealed class Runs
    {
        private readonly Dictionary<int, LoadResult> results = [];

        internal LoadResult Of(int instances)
        {
            if (!results.TryGetValue(instances, out var result))
            {
                var latency = TimeSpan.FromMilliseconds(10);
                var load = new LoadCase(instances, Clients: 200, latency, latency)
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
