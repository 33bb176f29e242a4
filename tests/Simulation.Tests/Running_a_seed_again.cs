namespace ServerlessSync.Simulation.Tests;

public sealed class Running_a_seed_again
{
    private const int Seeds = 12;

    [Fact]
    public void It_shows_the_same_again()
    {
        foreach (var seed in Enumerable.Range(1, Seeds))
        {
            Assert.Equal(TraceOf(seed), TraceOf(seed));
        }
    }

    [Fact]
    public void What_runs_beside_it_makes_no_difference()
    {
        var seeds = Enumerable.Range(1, Seeds).ToList();
        var alone = seeds.ConvertAll(TraceOf);
        var beside = new List<string>[2];
        var threads = Enumerable
            .Range(0, beside.Length)
            .Select(number => new Thread(() => beside[number] = Enumerable.Reverse(seeds).Select(TraceOf).ToList()))
            .ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());

        alone.Reverse();
        Assert.Equal(alone, beside[0]);
        Assert.Equal(alone, beside[1]);
    }

    [Fact]
    public void Another_seed_shows_something_else() => Assert.NotEqual(TraceOf(1), TraceOf(2));

    private static string TraceOf(int seed) => string.Join('\n', Simulator.Run(Scenario.Of(seed), traces: true).Trace);
}
