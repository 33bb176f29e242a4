using System.CommandLine;
using System.CommandLine.Parsing;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Local.Hosting;

/// <summary>Declares and checks the options of the program.</summary>
internal sealed class CommandLine
{
    /// <summary>This port does not collide with Azurite (10000 to 10002) or a Functions host (7071).</summary>
    private const string PubSubUrl = "http://127.0.0.1:8080";

    /// <summary>Plenty for the sites of one developer.</summary>
    private const int AllowedOriginsMax = 16;

    private readonly Option<string> urls = new("--urls")
    {
        Description = $"Where to listen: an http:// address of this machine. With --pubsub-only the default is {PubSubUrl}.",
        DefaultValueFactory = static _ => "http://127.0.0.1:7071",
    };

    private readonly Option<string> storage = new("--storage")
    {
        Description =
            "Where to keep projects: memory, sqlite, azurite (which is started with npm), or a Table Storage connection string "
            + "(UseDevelopmentStorage=true for an Azurite that is already running). With --worker the default is azurite.",
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
            $"Independent engines behind one Web PubSub emulator, sharing only the storage (1 to {LocalOptions.InstancesMax}).",
        DefaultValueFactory = static _ => 1,
    };

    private readonly Option<bool> noDemo = new("--no-demo") { Description = "Do not serve the demo page." };

    private readonly Option<string[]> allowOrigin = new("--allow-origin")
    {
        Description =
            "The origin of another site whose pages may connect and call the API, such as https://plans.example.com. "
            + $"Repeatable up to {AllowedOriginsMax} times; by default only pages of this machine may connect.",
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<bool> noLimits = new("--no-limits")
    {
        Description = "Turn rate limits off, for measurements.",
    };

    private readonly Option<string> transport = new("--transport")
    {
        Description = "How the emulator and the product communicate: in-process, or http (CloudEvents and REST, as in Azure).",
        DefaultValueFactory = static _ => "in-process",
    };

    private readonly Option<bool> worker = new("--worker")
    {
        Description =
            "Run the product as in Azure: the compiled Function App as a worker process, one for each of --instances, "
            + "behind a small Functions host for tests.",
    };

    private readonly Option<bool> pubSubOnly = new("--pubsub-only")
    {
        Description = "Run only the Web PubSub emulator and the demo page; events go to --upstream, which may be func start.",
    };

    private readonly Option<string[]> upstream = new("--upstream")
    {
        Description =
            "With --pubsub-only: where events go, a URL with {event}, such as http://localhost:7071/api/eventhandler/{event}. "
            + $"Repeatable up to {PubSubOptions.UpstreamsMax} times; events alternate between them.",
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<bool> functionsOnly = new("--functions-only")
    {
        Description = "Run only the product, as a Function App; events come from the emulator at --pubsub. Several processes may share one --storage.",
    };

    private readonly Option<string> pubSub = new("--pubsub")
    {
        Description = $"With --functions-only: the address of the emulator, such as {PubSubUrl}.",
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
                result.AddError($"{upstream.Name}: at most {PubSubOptions.UpstreamsMax} are allowed.");
            }
        });
        Check(allowOrigin, EventEndpointOptions.IsOrigin, "an origin as browsers send it: http:// or https://, a host, and a port other than the default one");
        allowOrigin.Validators.Add(result =>
        {
            if (result.Tokens.Count > AllowedOriginsMax)
            {
                result.AddError($"{allowOrigin.Name}: at most {AllowedOriginsMax} are allowed.");
            }
        });
        Check(pubSub, static text => TryUrl(text) is not null, $"one http:// address with a port, such as {PubSubUrl}");
        Check(transport, static text => text is "in-process" or "http", "in-process or http");
    }

    /// <summary>Creates the command; <paramref name="run"/> receives validated options.</summary>
    public static RootCommand Create(Func<LocalOptions, CancellationToken, Task<int>> run)
    {
        var line = new CommandLine();
        var root = new RootCommand("Runs Serverless Sync on this machine: a Web PubSub emulator, the product, and the demo page.")
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
            PubSub = parsed.GetValue(pubSub) is { } emulator ? TryUrl(emulator) : null,
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

    /// <summary>Checks combinations of options. An option without effect beside the others is a mistake.</summary>
    private void CheckRole(CommandResult result)
    {
        var problem = (result.GetValue(pubSubOnly), result.GetValue(functionsOnly)) switch
        {
            (true, true) => "--pubsub-only and --functions-only exclude each other: omit both to run everything in one process.",
            (true, false) when !IsGiven(upstream) => "--pubsub-only needs --upstream: where events go.",
            (true, false) => Idle("--pubsub-only", storage, data, instances, noLimits, transport, worker, pubSub),
            (false, true) when !IsGiven(pubSub) => "--functions-only needs --pubsub: the address of the emulator.",
            (false, true) => Idle("--functions-only", noDemo, transport, worker, upstream),
            _ when IsGiven(worker) && IsGiven(transport) => "--transport has no effect with --worker: a worker is always reached over HTTP.",
            _ when IsGiven(worker) && result.GetValue(storage) is "memory" or "sqlite" && IsGiven(storage) =>
                "--worker needs --storage azurite or a Table Storage connection string: another process cannot open this store.",
            _ when IsGiven(upstream) => "--upstream needs --pubsub-only: otherwise events go to the product in this process.",
            _ when IsGiven(pubSub) => "--pubsub needs --functions-only: otherwise sends go to the emulator in this process.",
            _ => null,
        };
        if (problem is not null)
        {
            result.AddError(problem);
        }

        bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };

        string? Idle(string role, params Option[] options) =>
            Array.Find(options, IsGiven) is { } idle ? $"{idle.Name} has no effect with {role}." : null;
    }

    private static void Check<T>(Option<T> option, Func<string, bool> isUsable, string needs) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !isUsable(token.Value)))
            {
                // The value is not repeated, because a connection string can hold a key.
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
