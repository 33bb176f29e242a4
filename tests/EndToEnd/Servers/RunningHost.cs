using System.Net.WebSockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.FunctionsHost;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>The whole product in the test process.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private const int StartsMax = 5;

    private static readonly RandomIdSource Ids = new();

    private readonly LocalHost host;

    private RunningHost(LocalHost host, Uri url)
    {
        this.host = host;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>The hosts of the Function App, where it runs as worker processes.</summary>
    public IReadOnlyList<WorkerHost> Workers => host.Workers;

    /// <summary>The store of the server, with the patience of work that no event waits on: a test machine is busier than one in production.</summary>
    public ITableStore Store => host.Store.Background;

    public Uri SocketUrl => SocketAddress.Of(Url);

    /// <summary>Starts one on a free port, or on the given one.</summary>
    public static async Task<RunningHost> StartAsync(LocalOptions options, bool keepPort = false, IConfiguration? environment = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var chosen = keepPort ? options : options with { Url = Ports.FreeUrl() };
                var started = await LocalHost.StartAsync(
                    chosen,
                    TestSettings.Of(chosen, environment),
                    TimeProvider.System,
                    LogLevel.Warning,
                    TestContext.Current.CancellationToken
                );
                return new RunningHost(started, chosen.Url);
            }
            catch (IOException) when (!keepPort && attempt < StartsMax)
            {
                // Another process took the port in between.
            }
        }
    }

    /// <summary>Options of a host with a store of its own.</summary>
    public static LocalOptions Options(TemporaryFolder folder, Transport transport = Transport.InProcess) =>
        new()
        {
            Url = new Uri("http://127.0.0.1"),
            Data = folder.Path,
            Transport = transport,
            Demo = false,
        };

    /// <summary>A new project with the content of the first sample; its id is a string unless one is given.</summary>
    public async Task<Plan> NewPlanAsync(JsonId? id = null)
    {
        var tag = Ids.NewId()[..8];
        var project = new ProjectId(id ?? JsonId.Of($"plan-{tag}"));
        var content = await File.ReadAllBytesAsync(
            Path.Combine(AppContext.BaseDirectory, "Samples", "office-move.json"),
            TestContext.Current.CancellationToken
        );
        var created = await new ProjectCatalog(Store, Ids).CreateAsync(
            project,
            $"Plan {tag}",
            content,
            AccessList.OpenToEdit,
            TestContext.Current.CancellationToken
        );
        Assert.IsType<CreateResult.Created>(created);
        return new Plan(SocketUrl, project.Id.ToJson(), tag, static () => { });
    }

    /// <summary>The status of a handshake with some headers: 101 when it is accepted.</summary>
    public async Task<int> HandshakeAsync(params (string Name, string Value)[] headers)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        try
        {
            await socket.ConnectAsync(SocketUrl, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return (int)socket.HttpStatusCode;
    }

    /// <summary>A project that is there already.</summary>
    public Plan Plan(string project) => new(SocketUrl, project, Ids.NewId()[..8], static () => { });

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
