namespace ServerlessSync.Simulation.Tests;

public sealed class Keeping_every_promise
{
    /// <summary>A few seconds each; <c>dotnet run -c Release --project tests/Simulation -- --seeds 10000</c> does more.</summary>
    private const int Seeds = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(400_000)]
    [InlineData(8_000_000)]
    public void Whatever_goes_wrong_no_promise_is_broken(int first)
    {
        var accepted = 0L;
        for (var seed = first; seed < first + Seeds; seed++)
        {
            var outcome = Simulator.Run(Scenario.Of(seed));
            Assert.True(outcome.IsGood, outcome.IsGood ? null : Story.Of(outcome));
            accepted += outcome.Figures.Accepted;
        }

        // A world in which nothing happens keeps every promise, too.
        Assert.True(accepted > Seeds * 5, $"Only {accepted} revisions were accepted.");
    }

    [Fact]
    public void Everything_that_can_go_wrong_does()
    {
        var missing = Enum.GetValues<Faults.FaultKind>().ToHashSet();
        for (var seed = 1; missing.Count > 0 && seed <= 400; seed++)
        {
            var scenario = Scenario.Of(seed);
            if (scenario.Faults.Overlaps(missing))
            {
                var counts = Simulator.Run(scenario).Faults;
                missing.RemoveWhere(kind => counts[(int)kind] > 0);
            }
        }

        Assert.Empty(missing);
    }
}
