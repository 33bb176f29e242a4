using System.CommandLine;
using System.Diagnostics;

namespace ServerlessSync.Simulation.Performance;

/// <summary>The verbs that run the model: <c>bench</c> and <c>fairness</c>.</summary>
internal static class LoadCommands
{
    private static readonly int[] Fleets = [1, 2, 4, 8, 16];

    public static Command Bench()
    {
        var instances = Numbers("--instances", "How many instances, several with commas.", "1,4,16");
        var clients = Numbers("--clients", "How many clients, several with commas.", "10,100,1000");
        var latency = Latency("5-10");
        var seconds = Seconds(10);
        var seed = Seed();
        var think = new Option<int>("--think") { Description = "The longest pause of a client between two edits, in milliseconds." };
        var baseline = new Option<string?>("--baseline") { Description = "Fails when a figure is more than 5 % worse than in this file." };
        var keep = new Option<string?>("--keep-baseline") { Description = "Writes the figures to this file." };
        var command = new Command("bench", "Prints throughput, latency and requests per revision in virtual time, without faults.")
        {
            instances,
            clients,
            latency,
            seconds,
            seed,
            think,
            baseline,
            keep,
        };
        command.SetAction(parsed =>
        {
            var (least, most) = parsed.GetValue(latency);
            var cases =
                from fleet in parsed.GetValue(instances) ?? []
                from crowd in parsed.GetValue(clients) ?? []
                select new LoadCase(fleet, crowd, least, most)
                {
                    Seed = parsed.GetValue(seed),
                    Measured = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    ThinkMax = TimeSpan.FromMilliseconds(parsed.GetValue(think)),
                };
            LoadTable.PrintHeader();
            var results = cases.Select(RunAndPrint).ToList();
            if (parsed.GetValue(keep) is { } file)
            {
                LoadBaseline.Write(file, results);
            }

            IReadOnlyList<string> worse = parsed.GetValue(baseline) is { } kept ? LoadBaseline.Compare(kept, results) : [];
            foreach (var line in worse)
            {
                Console.WriteLine($"WORSE: {line}");
            }

            return worse.Count > 0 || results.Exists(static result => result.Failures.Count > 0) ? 1 : 0;
        });
        return command;
    }

    public static Command Fairness()
    {
        var clients = new Option<int>("--clients") { Description = "How many clients.", DefaultValueFactory = static _ => 200 };
        var latency = Latency("10-10");
        var seconds = Seconds(20);
        var seed = Seed();
        var command = new Command("fairness", "Compares fleets on one project, with the inbox and with nothing but the fence.")
        {
            clients,
            latency,
            seconds,
            seed,
        };
        command.SetAction(parsed =>
        {
            var (least, most) = parsed.GetValue(latency);
            var load = new LoadCase(1, parsed.GetValue(clients), least, most)
            {
                Seed = parsed.GetValue(seed),
                Measured = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            };
            LoadTable.PrintHeader();
            var results = Fleets.Select(fleet => LoadModel.Run(load with { Instances = fleet })).ToList();
            results.ForEach(result => LoadTable.Print(result, Share(result, results[0], "inbox")));
            foreach (var fleet in Fleets)
            {
                var plain = LoadModel.Run((load with { Instances = fleet }).WithoutInbox());
                LoadTable.Print(plain, Share(plain, results[0], "fence alone"));
            }

            return results.Exists(static result => result.Failures.Count > 0) ? 1 : 0;
        });
        return command;
    }

    private static string Share(LoadResult result, LoadResult alone, string how) =>
        $"{how}: {result.PerSecond / alone.PerSecond:P0} of one instance";

    private static LoadResult RunAndPrint(LoadCase load)
    {
        var started = Stopwatch.GetTimestamp();
        var result = LoadModel.Run(load);
        LoadTable.Print(result, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s real");
        return result;
    }

    private static Option<int[]> Numbers(string name, string description, string preset) =>
        new(name)
        {
            Description = description,
            DefaultValueFactory = _ => ParseNumbers(preset),
            CustomParser = result =>
            {
                try
                {
                    return ParseNumbers(result.Tokens.Single().Value);
                }
                catch (FormatException)
                {
                    result.AddError($"{name} takes whole numbers from 1, with commas between them.");
                    return [];
                }
            },
        };

    private static int[] ParseNumbers(string text)
    {
        var numbers = text.Split(',').Select(static part => int.Parse(part)).ToArray();
        return Array.TrueForAll(numbers, static number => number > 0) ? numbers : throw new FormatException();
    }

    private static Option<(TimeSpan Least, TimeSpan Most)> Latency(string preset) =>
        new("--latency")
        {
            Description = "Milliseconds of a storage request or REST call, least-most.",
            DefaultValueFactory = _ => ParseLatency(preset),
            CustomParser = static result =>
            {
                try
                {
                    return ParseLatency(result.Tokens.Single().Value);
                }
                catch (FormatException)
                {
                    result.AddError("--latency takes two numbers of milliseconds, like 5-10.");
                    return default;
                }
            },
        };

    private static (TimeSpan Least, TimeSpan Most) ParseLatency(string text)
    {
        var parts = text.Split('-').Select(static part => double.Parse(part)).ToList();
        return parts.Count <= 2 && parts[0] >= 0 && parts[^1] >= parts[0]
            ? (TimeSpan.FromMilliseconds(parts[0]), TimeSpan.FromMilliseconds(parts[^1]))
            : throw new FormatException();
    }

    private static Option<int> Seconds(int preset) =>
        new("--seconds") { Description = "Virtual seconds that are measured.", DefaultValueFactory = _ => preset };

    private static Option<int> Seed() => new("--seed") { Description = "Decides latencies and routes.", DefaultValueFactory = static _ => 1 };
}
