using System.CommandLine;
using ServerlessSync.Simulation.Performance;

namespace ServerlessSync.Simulation;

/// <summary>The command line.</summary>
internal static class Commands
{
    public static int Run(string[] args)
    {
        var seeds = new Option<int>("--seeds") { Description = "How many runs.", DefaultValueFactory = static _ => 1_000 };
        var from = new Option<int>("--from") { Description = "The first seed.", DefaultValueFactory = static _ => 1 };
        var seed = new Option<int?>("--seed") { Description = "Runs this one alone." };
        var verbose = new Option<bool>("--verbose") { Description = "With --seed: prints everything that happens." };
        var shrink = new Option<bool>("--shrink") { Description = "With --seed: looks for a smaller case that fails." };
        var stop = new Option<bool>("--until-violation") { Description = "Stops at the first violation." };
        var root = new RootCommand("Runs the whole system in virtual time, with faults, and checks every promise.")
        {
            seeds,
            from,
            seed,
            verbose,
            shrink,
            stop,
            LoadCommands.Bench(),
            LoadCommands.Fairness(),
        };
        root.SetAction(parsed =>
            parsed.GetValue(seed) is { } one
                ? Replays.Run(Scenario.Of(one), parsed.GetValue(verbose), parsed.GetValue(shrink))
                : new Campaign(parsed.GetValue(from), parsed.GetValue(seeds), parsed.GetValue(stop)).Run()
        );
        return root.Parse(args).Invoke();
    }
}
