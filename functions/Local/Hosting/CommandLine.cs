using System.CommandLine;
using System.CommandLine.Parsing;

namespace ServerlessSync.Local.Hosting;

/// <summary>The options of the program, their defaults and their errors.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> urls = new("--urls")
    {
        Description = "Where to listen: one http:// address of this machine.",
        DefaultValueFactory = static _ => "http://127.0.0.1:7071",
    };

    private readonly Option<string> storage = new("--storage")
    {
        Description =
            "Where projects are kept: memory, sqlite, or a Table Storage connection string (UseDevelopmentStorage=true is Azurite).",
        DefaultValueFactory = static _ => "sqlite",
    };

    private readonly Option<string> data = new("--data")
    {
        Description = "The folder of the sqlite file.",
        DefaultValueFactory = static _ => ".data",
    };

    private readonly Option<int> instances = new("--instances")
    {
        Description =
            $"Independent engines behind the one Web PubSub stand-in, sharing only the storage (1 to {LocalOptions.InstancesMax}).",
        DefaultValueFactory = static _ => 1,
    };

    private readonly Option<bool> noDemo = new("--no-demo") { Description = "Do not serve the demo page." };

    private readonly Option<string> transport = new("--transport")
    {
        Description = "How the stand-in and the product talk: in-process, or http (CloudEvents and REST, as in Azure).",
        DefaultValueFactory = static _ => "in-process",
    };

    private CommandLine()
    {
        Check(urls, static text => TryUrl(text) is not null, "one http:// address with a port, such as http://127.0.0.1:7071");
        Check(storage, StorageChoice.IsUsable, "memory, sqlite or a Table Storage connection string");
        Check(data, static text => text.Trim().Length > 0, "a folder");
        Check(instances, IsInstances, $"a number from 1 to {LocalOptions.InstancesMax}");
        Check(transport, static text => text is "in-process" or "http", "in-process or http");
    }

    /// <summary>The command; <paramref name="run"/> gets options that were checked.</summary>
    public static RootCommand Create(Func<LocalOptions, CancellationToken, Task<int>> run)
    {
        var line = new CommandLine();
        var root = new RootCommand("Runs Serverless Sync on this machine: a Web PubSub stand-in, the product, and the demo page.")
        {
            line.urls,
            line.storage,
            line.data,
            line.instances,
            line.noDemo,
            line.transport,
        };
        root.SetAction((parsed, cancellationToken) => run(line.Read(parsed), cancellationToken));
        return root;
    }

    private LocalOptions Read(ParseResult parsed) =>
        new()
        {
            Url = TryUrl(parsed.GetValue(urls)!)!,
            Storage = parsed.GetValue(storage)!,
            Data = parsed.GetValue(data)!,
            Instances = parsed.GetValue(instances),
            Demo = !parsed.GetValue(noDemo),
            Transport = parsed.GetValue(transport) is "http" ? Transport.Http : Transport.InProcess,
        };

    private static void Check<T>(Option<T> option, Func<string, bool> isUsable, string needs) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !isUsable(result.Tokens[0].Value))
            {
                // A connection string can hold a key, so what was given is not repeated.
                result.AddError($"{option.Name}: needs {needs}.");
            }
        });

    private static bool IsInstances(string text) => int.TryParse(text, out var count) && count is >= 1 and <= LocalOptions.InstancesMax;

    private static Uri? TryUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && string.Equals(url.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal)
        && url.PathAndQuery is "/"
            ? url
            : null;
}
