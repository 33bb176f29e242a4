using System.CommandLine;
using System.CommandLine.Parsing;
using ServerlessSync.Simulation.Mutants;
using ServerlessSync.Simulation.Performance;

namespace ServerlessSync.Simulation;

/// <summary>The command line.</summary>
internal static class Commands
{
    /// <summary>A larger number of threads is a typing error.</summary>
    private const int ThreadsMax = 256;

    private const string Summary = """
        Runs the whole system in virtual time, with faults, and checks every promise. One seed decides everything: the same seed
        repeats the same run. The exit code is 0 when every promise was kept, else 1.

          --seeds 10000                 many runs: a summary, and the last events of the first failing one
          --seed 4711 --verbose         one run, with all its events
          --seed 4711 --shrink          the smallest failing case that the search finds from there
          --mutants                     plants defects in the engine, one at a time, and shows which check notices each
        """;

    public static int Run(string[] args, TextWriter? errors = null)
    {
        var seeds = Number("--seeds", "How many runs.", 1_000, 1, int.MaxValue);
        var from = Number("--from", "The first seed.", 1, 0, int.MaxValue);
        var threads = Number("--threads", "Runs at the same time.", Environment.ProcessorCount, 1, ThreadsMax);
        var seed = new Option<int?>("--seed") { Description = "Runs only this seed." };
        var verbose = new Option<bool>("--verbose") { Description = "With --seed: prints all events." };
        var shrink = new Option<bool>("--shrink") { Description = "With --seed: searches for a smaller failing case." };
        var stop = new Option<bool>("--until-violation") { Description = "Stops at the first violation." };
        var mutants = new Option<bool>("--mutants") { Description = "Plants defects, each until it is caught or --seeds have run." };
        var mutant = new Option<string[]>("--mutant")
        {
            Description = "Plants only these defects.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [],
        };
        var report = new Option<string?>("--report") { Description = "With --mutants: writes the results to this file, as Markdown." };
        var root = new RootCommand(Summary) { seeds, from, threads, seed, verbose, shrink, stop, mutants, mutant, report, LoadCommands.Bench(), LoadCommands.Fairness() };
        root.Validators.Add(result =>
        {
            if (result.GetValue(seed) is null && (result.GetValue(verbose) || result.GetValue(shrink)))
            {
                result.AddError("--verbose and --shrink apply to one run: choose it with --seed.");
            }
        });
        root.SetAction(parsed =>
        {
            var (first, count, parallel) = (parsed.GetValue(from), parsed.GetValue(seeds), parsed.GetValue(threads));
            var chosen = parsed.GetValue(mutant)!;
            if (parsed.GetValue(mutants) || chosen.Length > 0)
            {
                return Mutate(chosen, new MutationRun(first, count, parallel, parsed.GetValue(report)), errors ?? Console.Error);
            }

            return parsed.GetValue(seed) is { } one
                ? Replays.Run(Scenario.Of(one), parsed.GetValue(verbose), parsed.GetValue(shrink))
                : new Campaign(first, count, parallel, parsed.GetValue(stop)).Run();
        });
        return root.Parse(args).Invoke(new InvocationConfiguration { Output = errors ?? Console.Out, Error = errors ?? Console.Error });
    }

    private static int Mutate(string[] names, MutationRun run, TextWriter errors)
    {
        try
        {
            return run.Run(MutantSet.Choose(names));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException or DirectoryNotFoundException)
        {
            errors.WriteLine(exception.Message);
            return 1;
        }
    }

    private static Option<int> Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result => Check(result, name, least, most));
        return option;
    }

    private static void Check(OptionResult result, string name, int least, int most)
    {
        // The parser reports values that are not numbers.
        if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && (number < least || number > most))
        {
            result.AddError($"{name} is {number}; it must be from {least} to {most}.");
        }
    }
}
