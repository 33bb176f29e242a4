using System.CommandLine;
using System.CommandLine.Parsing;

namespace ServerlessSync.Local.Hosting;

/// <summary>The options of the program, their defaults and their errors.</summary>
internal static class CommandLine
{
    public static RootCommand Create(Func<LocalOptions, CancellationToken, Task<int>> run)
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where to listen: one http:// address of this machine.",
            DefaultValueFactory = static _ => "http://127.0.0.1:7071",
        };
        var storage = new Option<string>("--storage")
        {
            Description =
                "Where projects are kept: memory, sqlite, or a Table Storage connection string (UseDevelopmentStorage=true is Azurite).",
            DefaultValueFactory = static _ => "sqlite",
        };
        var data = new Option<string>("--data")
        {
            Description = "The folder of the sqlite file.",
            DefaultValueFactory = static _ => ".data",
        };
        var instances = new Option<int>("--instances")
        {
            Description = $"Independent engines behind the one Web PubSub stand-in, sharing only the storage (1 to {LocalOptions.InstancesMax}).",
            DefaultValueFactory = static _ => 1,
        };
        var noDemo = new Option<bool>("--no-demo") { Description = "Do not serve the demo page." };
        var transport = new Option<string>("--transport")
        {
            Description =
                "How the stand-in and the product talk: in-process, or http (CloudEvents and REST, as in Azure).",
            DefaultValueFactory = static _ => "in-process",
        };
        urls.Validators.Add(result => Check(result, urls, static text => TryUrl(text) is not null, "one http:// address with a port, such as http://127.0.0.1:7071"));
        storage.Validators.Add(result => Check(result, storage, StorageChoice.IsUsable, "memory, sqlite or a Table Storage connection string"));
        data.Validators.Add(result => Check(result, data, static text => text.Trim().Length > 0, "a folder"));
        transport.Validators.Add(result => Check(result, transport, static text => text is "in-process" or "http", "in-process or http"));
        instances.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > LocalOptions.InstancesMax))
            {
                result.AddError($"--instances: needs a number from 1 to {LocalOptions.InstancesMax}.");
            }
        });

        var root = new RootCommand("Runs Serverless Sync on this machine: a Web PubSub stand-in, the product, and the demo page.")
        {
            urls,
            storage,
            data,
            instances,
            noDemo,
            transport,
        };
        root.SetAction(
            (parsed, cancellationToken) =>
                run(
                    new LocalOptions
                    {
                        Url = TryUrl(parsed.GetValue(urls)!)!,
                        Storage = parsed.GetValue(storage)!,
                        Data = parsed.GetValue(data)!,
                        Instances = parsed.GetValue(instances),
                        Demo = !parsed.GetValue(noDemo),
                        Transport = parsed.GetValue(transport) is "http" ? Transport.Http : Transport.InProcess,
                    },
                    cancellationToken
                )
        );
        return root;
    }

    private static void Check(OptionResult result, Option option, Func<string, bool> isUsable, string needs)
    {
        if (result.Tokens.Count > 0 && !isUsable(result.Tokens[0].Value))
        {
            result.AddError($"{option.Name}: '{result.Tokens[0].Value}' cannot be used; needs {needs}.");
        }
    }

    private static Uri? TryUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && string.Equals(url.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal)
        && url.PathAndQuery is "/"
            ? url
            : null;
}
