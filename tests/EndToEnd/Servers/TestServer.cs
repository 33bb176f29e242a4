using ServerlessSync.Core.Identity;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Local.Hosting;

[assembly: AssemblyFixture(typeof(InProcessServer))]
[assembly: AssemblyFixture(typeof(HttpServer))]

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>
/// The server that socket tests talk to: one in this process, or the one that the environment variable
/// <c>SYNC_E2E_URL</c> names (http, https, ws or wss). A foreign server has no project to spare for each test: they take
/// turns on its project 1, which must be the first sample.
/// </summary>
public abstract class TestServer : IAsyncLifetime
{
    private static readonly RandomIdSource Ids = new();
    private static readonly SemaphoreSlim Turn = new(1, 1);

    private readonly bool http;
    private readonly Uri? foreign;
    private readonly TemporaryFolder folder = new();
    private RunningHost? host;

    private protected TestServer(bool http)
    {
        this.http = http;
        foreign = Environment.GetEnvironmentVariable("SYNC_E2E_URL") is { Length: > 0 } url ? new Uri(url) : null;
    }

    public async ValueTask InitializeAsync()
    {
        if (foreign is null)
        {
            host = await RunningHost.StartAsync(
                RunningHost.Options(folder, http ? Transport.Http : Transport.InProcess)
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }

        folder.Dispose();
    }

    /// <summary>A project for one test.</summary>
    internal async Task<Plan> NewPlanAsync()
    {
        if (host is not null)
        {
            return await host.NewPlanAsync();
        }

        Assert.SkipWhen(http, "SYNC_E2E_URL: how that server is wired inside is not the test's to choose.");
        await Turn.WaitAsync(TestContext.Current.CancellationToken);
        return new Plan(SocketAddress.Of(foreign!), "1", Ids.NewId()[..8], static () => Turn.Release());
    }

    /// <summary>A project of a chosen id; skips where projects cannot be made.</summary>
    internal async Task<Plan> NewPlanAsync(JsonId id)
    {
        Assert.SkipWhen(foreign is not null, "SYNC_E2E_URL: projects cannot be made there.");
        return await host!.NewPlanAsync(id);
    }

    /// <summary>A server of the same kind with nobody on it; skips where there is a foreign one.</summary>
    internal async Task<RunningHost> StartOwnAsync(TemporaryFolder own, int instances = 1)
    {
        Assert.SkipWhen(foreign is not null, "SYNC_E2E_URL: that server is not the test's to start.");
        var options = RunningHost.Options(own, http ? Transport.Http : Transport.InProcess);
        return await RunningHost.StartAsync(options with { Instances = instances });
    }
}

/// <summary>Stand-in and product joined by method calls.</summary>
public sealed class InProcessServer() : TestServer(http: false);

/// <summary>Stand-in and product joined by CloudEvents and REST, as in Azure.</summary>
public sealed class HttpServer() : TestServer(http: true);
