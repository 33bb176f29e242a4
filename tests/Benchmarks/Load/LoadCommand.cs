using System.CommandLine;
using System.Net.WebSockets;
using System.Text.Json;

namespace ServerlessSync.Benchmarks.Load;

/// <summary><c>load</c>: many clients on one or more projects, over real WebSockets.</summary>
internal static class LoadCommand
{
    private const int Broken = 1;
    public const int CannotRun = 2;

    private static readonly Option<Uri> Url = new("--url")
    {
        Description = "The address of the hub.",
        DefaultValueFactory = _ => new Uri("ws://127.0.0.1:7071/client/hubs/sync"),
        CustomParser = static result =>
        {
            if (
                Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url)
                && (url.Scheme == Uri.UriSchemeWs || url.Scheme == Uri.UriSchemeWss)
            )
            {
                return url;
            }

            result.AddError("--url must be a ws:// or wss:// address.");
            return null;
        },
    };

    private static readonly Option<string> Project = new("--project")
    {
        Description = "The project; an id of digits is sent as a number.",
        DefaultValueFactory = _ => "1",
    };

    private static readonly Option<string?> Projects = new("--projects")
    {
        Description = "Several projects, separated by commas, in place of --project; each gets --clients clients.",
    };

    private static readonly Option<int> Clients = Number("--clients", "Clients of each project.", 10, 1, LoadOptions.ClientsMax);
    private static readonly Option<int> Seconds = Number("--seconds", "Seconds to measure.", 6, 1, LoadOptions.SecondsMax);
    private static readonly Option<int> Warmup = Number("--warmup", "Seconds before that.", 2, 0, LoadOptions.WarmupMax);
    private static readonly Option<int> Seed = Number("--seed", "Decides the intervals of --rate.", 1, 0, int.MaxValue);

    private static readonly Option<double?> Rate = new("--rate")
    {
        Description = "Changes per second and client. Without it each client sends its next change once the last is accepted.",
        Validators =
        {
            static result =>
            {
                if (result.GetValueOrDefault<double?>() is <= 0 or > LoadOptions.RateMax)
                {
                    result.AddError($"--rate must be above 0 and at most {LoadOptions.RateMax}.");
                }
            },
        },
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON in place of the table." };

    private static readonly Option<bool> AllowRemote = new("--allow-remote")
    {
        Description = "Allow an address beyond this machine. Only with the consent of its operator.",
    };

    public static Command Create()
    {
        var command = new Command("load", "Edits projects from many clients and measures what comes back, when and in what order.")
        {
            Url,
            Project,
            Projects,
            Clients,
            Seconds,
            Warmup,
            Rate,
            Seed,
            Json,
            AllowRemote,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<int> Number(string name, string description, int value, int least, int most) =>
        new(name)
        {
            Description = $"{description} {least} to {most}.",
            DefaultValueFactory = _ => value,
            Validators =
            {
                result =>
                {
                    var given = result.GetValueOrDefault<int>();
                    if (given < least || given > most)
                    {
                        result.AddError($"{name} is {least} to {most}.");
                    }
                },
            },
        };

    /// <summary>Checks combinations of options; null when they are valid.</summary>
    private static string? ProblemOf(LoadOptions options, bool allowRemote) =>
        !LoadOptions.IsLoopback(options.Url) && !allowRemote
            ? "--url is not on this machine; --allow-remote confirms that this is intended."
        : options.Projects.Count == 0 || options.Projects.Count * options.Clients > LoadOptions.ConnectionsMax
            ? $"There are 1 to {LoadOptions.ConnectionsMax} connections over all projects."
        : null;

    private static List<string> ProjectsOf(string? several, string? one) =>
        [
            .. (several ?? one ?? string.Empty)
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Distinct(StringComparer.Ordinal)
                .Select(LoadOptions.ToJson),
        ];

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new LoadOptions
        {
            Url = parsed.GetValue(Url)!,
            Projects = ProjectsOf(parsed.GetValue(Projects), parsed.GetValue(Project)),
            Clients = parsed.GetValue(Clients),
            Seconds = parsed.GetValue(Seconds),
            Warmup = parsed.GetValue(Warmup),
            Rate = parsed.GetValue(Rate),
            Seed = parsed.GetValue(Seed),
        };
        if (ProblemOf(options, parsed.GetValue(AllowRemote)) is { } problem)
        {
            await Console.Error.WriteLineAsync(problem);
            return CannotRun;
        }

        try
        {
            var report = await new LoadRun(options, TimeProvider.System).RunAsync(cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? report.ToJson() : report.ToTable());
            return report.IsSound ? 0 : Broken;
        }
        catch (Exception exception) when (exception is LoadException or WebSocketException or TimeoutException or JsonException)
        {
            await Console.Error.WriteLineAsync($"The load could not be run: {exception.Message}");
            return CannotRun;
        }
    }
}
