using System.CommandLine;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Soak;

/// <summary>Declares and checks the options of the program.</summary>
internal static class SoakCommand
{
    private const int Broken = 1;
    public const int CannotRun = 2;

    private static readonly Option<double> Minutes = Number("--minutes", "Minutes to run", 5, 0.1, SoakOptions.MinutesMax);
    private static readonly Option<int> Processes = Number("--processes", "Processes of the product", 3, 1, SoakOptions.ProcessesMax);
    private static readonly Option<int> Editors = Number("--editors", "Editors of each of the two projects", 8, 1, SoakOptions.EditorsMax);
    private static readonly Option<double> Faults = Number(
        "--faults",
        "Percent of the requests between emulator and product that meet a fault",
        1.0,
        0,
        SoakOptions.FaultsMax
    );
    private static readonly Option<int> KillEvery = Number(
        "--kill-every",
        "Seconds between kills of a process of the product (never the first, so that its memory can be observed); 0 for none",
        20,
        0,
        SoakOptions.KillEveryMax
    );
    private static readonly Option<int> Seed = Number("--seed", "Determines edits, faults and kills", 1, 0, int.MaxValue);

    private static readonly Option<string?> Storage = new("--storage")
    {
        Description = "A connection string of an empty Table Storage account, such as that of Azurite; by default a new SQLite file.",
    };

    public static RootCommand Create()
    {
        var command = new RootCommand(
            "Runs the local host as processes under load, with faults between the Web PubSub emulator and the product, and "
            + "checks at the end that nothing was lost, duplicated, reordered or altered. Exit code 1 when something was."
        )
        {
            Minutes,
            Processes,
            Editors,
            Faults,
            KillEvery,
            Storage,
            Seed,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<T> Number<T>(string name, string description, T value, T least, T most)
        where T : struct, IComparable<T> =>
        new(name)
        {
            Description = $"{description}; {least} to {most}.",
            DefaultValueFactory = _ => value,
            Validators =
            {
                result =>
                {
                    if (result.GetValueOrDefault<T>() is var given && (given.CompareTo(least) < 0 || given.CompareTo(most) > 0))
                    {
                        result.AddError($"{name} is {least} to {most}.");
                    }
                },
            },
        };

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new SoakOptions
        {
            Minutes = parsed.GetValue(Minutes),
            Processes = parsed.GetValue(Processes),
            Editors = parsed.GetValue(Editors),
            Faults = parsed.GetValue(Faults),
            KillEvery = parsed.GetValue(KillEvery),
            Storage = parsed.GetValue(Storage),
            Seed = parsed.GetValue(Seed),
        };
        try
        {
            var isClean = await new SoakRun(options, TimeProvider.System, Console.Out).RunAsync(cancellationToken);
            return isClean ? 0 : Broken;
        }
        catch (Exception exception) when (exception is IOException or StorageException or System.Net.WebSockets.WebSocketException)
        {
            await Console.Error.WriteLineAsync($"The soak test could not be run: {exception.Message}");
            return CannotRun;
        }
    }
}
