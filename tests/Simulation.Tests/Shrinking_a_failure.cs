using ServerlessSync.Simulation.Checks;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Tests;

public sealed class Shrinking_a_failure
{
    [Fact]
    public void A_smaller_case_with_the_same_failure_is_found()
    {
        var failing = Enumerable.Range(1, 200).Select(Scenario.Of).First(static scenario => !RunSpoiled(scenario).IsGood && scenario.Faults.Count > 10);

        var smaller = Replays.Shrink(failing, RunSpoiled, static _ => { });

        Assert.False(RunSpoiled(smaller).IsGood);
        Assert.Equal([FaultKind.StoreRefused], smaller.Faults);
        Assert.True(smaller.Clients < failing.Clients || smaller.Steps < failing.Steps, $"{smaller} is no smaller than {failing}.");
    }

    [Fact]
    public void What_does_not_fail_stays_as_it_is()
    {
        var sound = Scenario.Of(1);
        Assert.Same(sound, Replays.Shrink(sound, static scenario => Simulator.Run(scenario), static _ => { }));
    }

    /// <summary>As if nothing could bear a store that is busy.</summary>
    private static Outcome RunSpoiled(Scenario scenario)
    {
        var outcome = Simulator.Run(scenario);
        return outcome.Faults[(int)FaultKind.StoreRefused] == 0
            ? outcome
            : outcome with { Violations = [new Violation("none", "The store was busy.", TimeSpan.Zero)] };
    }
}
