using System.CommandLine;
using System.CommandLine.Parsing;
using ServerlessSync.Local.Web;
using ServerlessSync.PubSubEmulator;

namespace ServerlessSync.Local.Hosting;

/// <summary>The options of the program, their defaults and their errors.</summary>
internal sealed class CommandLine
{
    /// <summary>The port is free beside Azurite (10000 to 10002) and a Functions host (7071).</summary>
    private const string PubSubUrl = "http://127.0.0.1:8080";

    /// <summary>Sites of one developer, with room.</summary>
    private const int AllowedOriginsMax = 16;

    private readonly Option<string> urls = new("--urls")
    {
        Description = $"Where to listen: one http:// address of this machine. With --pubsub-only the default is {PubSubUrl}.",
        DefaultValueFactory = static _ => "http://127.0.0.1:7071",
    };

    private readonly Option<string> storage = new("--storage")
    {
        Description =
            "Where projects are kept: memory, sqlite, azurite (which is started, by npm), or a Table Storage connection string "
            + "(UseDevelopmentStorage=true is an Azurite that runs already). With --worker the default is azurite.",
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

    private readonly Option<string[]> allowOrigin = new("--allow-origin")
    {
        Description =
            "A page of another site that may connect and call the API, such as https://plans.example.com. May be given up to "
            + $"{AllowedOriginsMax} times; without it only pages of this machine may.",
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<bool> noLimits = new("--no-limits")
    {
        Description = "Let every person send, load and make projects without end: for measurements.",
    };

    private readonly Option<string> transport = new("--transport")
    {
        Description = "How the stand-in and the product talk: in-process, or http (CloudEvents and REST, as in Azure).",
        DefaultValueFactory = static _ => "in-process",
    };

    private readonly Option<bool> worker = new("--worker")
    {
        Description =
            "Run the product as Azure does: the compiled Function App as a worker process, one for each of --instances, "
            + "behind a small Functions host for tests.",
    };

    private readonly Option<bool> pubSubOnly = new("--pubsub-only")
    {
        Description = "Only the Web PubSub stand-in and the demo page; events go to --upstream, which may be func start.",
    };

    private readonly Option<string[]> upstream = new("--upstream")
    {
        Description =
            "With --pubsub-only: where events go, a URL with {event}, such as http://localhost:7071/api/eventhandler/{event}. "
            + $"May be given up to {PubSubOptions.UpstreamsMax} times: they take turns.",
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<bool> functionsOnly = new("--functions-only")
    {
        Description = "Only the product, as a Function App is: events come from the stand-in that --pubsub names. Several may share one --storage.",
    };

    private readonly Option<string> pubSub = new("--pubsub")
    {
        Description = $"With --functions-only: the address of the stand-in, such as {PubSubUrl}.",
    };

    private CommandLine()
    {
        Check(urls, static text => TryUrl(text) is not null, "one http:// address with a port, such as http://127.0.0.1:7071");
        Check(storage, StorageChoice.IsUsable, "memory, sqlite, azurite or a Table Storage connection string");
        Check(data, static text => text.Trim().Length > 0, "a folder");
        Check(instances, IsInstances, $"a number from 1 to {LocalOptions.InstancesMax}");
        Check(upstream, IsUpstream, "an http:// or https:// URL with {event} in its path, such as http://localhost:7071/api/eventhandler/{event}");
        upstream.Validators.Add(result =>
        {
            if (result.Tokens.Count > PubSubOptions.UpstreamsMax)
            {
                result.AddError($"{upstream.Name}: at most {PubSubOptions.UpstreamsMax} of them.");
            }
        });
        Check(allowOrigin, SiteNames.IsOrigin, "an origin as browsers write it: http:// or https://, a host, a port if it is not the usual one");
        allowOrigin.Validators.Add(result =>
        {
            if (result.Tokens.Count > AllowedOriginsMax)
            {
                result.AddError($"{allowOrigin.Name}: at most {AllowedOriginsMax} of them.");
            }
        });
        Check(pubSub, static text => TryUrl(text) is not null, $"one http:// address with a port, such as {PubSubUrl}");
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
            line.noLimits,
            line.allowOrigin,
            line.transport,
            line.worker,
            line.pubSubOnly,
            line.upstream,
            line.functionsOnly,
            line.pubSub,
        };
        root.Validators.Add(line.CheckRole);
        root.SetAction((parsed, cancellationToken) => run(line.Read(parsed), cancellationToken));
        return root;
    }

    private LocalOptions Read(ParseResult parsed) =>
        new()
        {
            Url = TryUrl(UrlOf(parsed))!,
            Role = RoleOf(parsed.GetValue(pubSubOnly), parsed.GetValue(functionsOnly)),
            Upstreams = parsed.GetValue(upstream)!,
            PubSub = parsed.GetValue(pubSub) is { } standIn ? TryUrl(standIn) : null,
            Storage = StorageOf(parsed),
            Worker = parsed.GetValue(worker),
            Data = parsed.GetValue(data)!,
            Instances = parsed.GetValue(instances),
            AllowedOrigins = parsed.GetValue(allowOrigin)!,
            NoLimits = parsed.GetValue(noLimits),
            Demo = !parsed.GetValue(noDemo),
            Transport = parsed.GetValue(transport) is "http" ? Transport.Http : Transport.InProcess,
        };

    private string UrlOf(ParseResult parsed) =>
        parsed.GetValue(pubSubOnly) && parsed.GetResult(urls) is not { Implicit: false } ? PubSubUrl : parsed.GetValue(urls)!;

    private string StorageOf(ParseResult parsed) =>
        parsed.GetValue(worker) && parsed.GetResult(storage) is not { Implicit: false } ? StorageChoice.Emulator : parsed.GetValue(storage)!;

    private static Role RoleOf(bool isPubSub, bool isFunctions) =>
        isPubSub ? Role.PubSub
        : isFunctions ? Role.Functions
        : Role.Everything;

    /// <summary>What no option can see by itself: an option that says nothing beside the others is a mistake.</summary>
    private void CheckRole(CommandResult result)
    {
        var problem = (result.GetValue(pubSubOnly), result.GetValue(functionsOnly)) switch
        {
            (true, true) => "--pubsub-only and --functions-only exclude each other: leave both out for everything in one process.",
            (true, false) when !IsGiven(upstream) => "--pubsub-only needs --upstream: where events go.",
            (true, false) => Idle("--pubsub-only", storage, data, instances, noLimits, transport, worker, pubSub),
            (false, true) when !IsGiven(pubSub) => "--functions-only needs --pubsub: the address of the stand-in.",
            (false, true) => Idle("--functions-only", noDemo, transport, worker, upstream),
            _ when IsGiven(worker) && IsGiven(transport) => "--transport has no meaning with --worker: a worker is reached by HTTP.",
            _ when IsGiven(worker) && result.GetValue(storage) is "memory" or "sqlite" && IsGiven(storage) =>
                "--worker needs --storage azurite or a Table Storage connection string: another process cannot open this store.",
            _ when IsGiven(upstream) => "--upstream needs --pubsub-only: with the product in this process events go there.",
            _ when IsGiven(pubSub) => "--pubsub needs --functions-only: with the stand-in in this process sends go there.",
            _ => null,
        };
        if (problem is not null)
        {
            result.AddError(problem);
        }

        bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };

        string? Idle(string role, params Option[] options) =>
            Array.Find(options, IsGiven) is { } idle ? $"{idle.Name} has no meaning with {role}." : null;
    }

    private static void Check<T>(Option<T> option, Func<string, bool> isUsable, string needs) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !isUsable(token.Value)))
            {
                // A connection string can hold a key, so what was given is not repeated.
                result.AddError($"{option.Name}: needs {needs}.");
            }
        });

    private static bool IsInstances(string text) => int.TryParse(text, out var count) && count is >= 1 and <= LocalOptions.InstancesMax;

    private static bool IsUpstream(string text) =>
        text.Contains("{event}", StringComparison.Ordinal) && PubSubOptions.IsTemplate(text);

    private static Uri? TryUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && string.Equals(url.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal)
        && url.PathAndQuery is "/"
            ? url
            : null;
}
