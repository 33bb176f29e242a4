using System.Globalization;
using System.Text;
using ServerlessSync.Composition;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Local.Hosting;

/// <summary>What the program says when it is ready.</summary>
internal static class StartupBanner
{
    private const string Run = "dotnet run --project functions/Local --";

    public static string Text(LocalOptions options, LocalHost host)
    {
        var text = new StringBuilder();
        text.AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Serverless Sync {ProductVersion.Version} is ready{Part(options.Role)}.")
            .AppendLine();
        foreach (var (name, value) in Lines(options, host))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {name,-16} {value}");
        }

        return text.AppendLine().AppendLine("Ctrl+C stops it.").AppendLine().ToString();
    }

    private static string Part(Role role) =>
        role switch
        {
            Role.PubSub => ": the Web PubSub stand-in",
            Role.Functions => ": the product without its stand-in",
            _ => string.Empty,
        };

    private static IEnumerable<(string Name, string Value)> Lines(LocalOptions options, LocalHost host)
    {
        if (options is { Demo: true, HasStandIn: true })
        {
            yield return ("Demo page", $"{options.Address}/   (open it in two windows)");
        }

        if (options.HasStandIn)
        {
            yield return ("WebSocket", $"ws://{options.Url.Authority}/client/hubs/sync");
            yield return ("Web PubSub SDKs", LocalHost.ConnectionString(options.Url));
        }

        if (options.HasProduct)
        {
            yield return ("Projects", string.Join(", ", host.Samples.Select(static sample => $"{sample.Project} {sample.Name}")));
            yield return ("Data", host.StorageDescription!);
            yield return (
                "Who may do what",
                "everybody who reaches this address may log in under any name, edit and reset these projects"
            );
        }

        foreach (var worker in host.Workers)
        {
            yield return ("Function App", $"{worker.Url}   (a worker process behind a small host for tests)");
        }

        if (options.Instances > 1)
        {
            yield return ("Engines", $"{options.Instances}, sharing only the storage");
        }

        foreach (var line in Connections(options))
        {
            yield return line;
        }

        if (!options.Url.IsLoopback)
        {
            yield return ("Warning", "this address can be reached from other machines, and this program asks nobody for a password");
        }
    }

    private static IEnumerable<(string Name, string Value)> Connections(LocalOptions options)
    {
        switch (options.Role)
        {
            case Role.PubSub:
                yield return ("Events go to", string.Join(", ", options.Upstreams));
                yield return ("Next", "start what listens there, if it does not run yet: func start in functions/App, or");
                yield return (
                    string.Empty,
                    $"{Run} --functions-only --pubsub {options.Address} --urls http://{new Uri(options.Upstreams[0]).Authority}"
                );
                break;
            case Role.Functions:
                yield return ("Events", options.Address + EventRoute.Pattern);
                yield return ("Sends go to", options.PubSub!.GetLeftPart(UriPartial.Authority));
                yield return ("Next", "start the stand-in, if it does not run yet:");
                yield return (
                    string.Empty,
                    $"{Run} --pubsub-only --upstream '{options.Address}{EventRoute.Pattern}' --urls {options.PubSub.GetLeftPart(UriPartial.Authority)}"
                );
                break;
            case Role.Everything when options.Transport is Transport.Http:
                yield return ("Events", "by HTTP (CloudEvents), sends by REST");
                break;
            default:
                break;
        }
    }
}
