using ServerlessSync.Core.Model;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Local.Hosting;
using ServerlessSync.Support;
using ServerlessSync.Support.Emulator;

[assembly: AssemblyFixture(typeof(InProcessServer))]
[assembly: AssemblyFixture(typeof(HttpServer))]
[assembly: AssemblyFixture(typeof(WorkerServer))]

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>
/// The server that socket tests talk to: one in this process, or the one that the environment variable
/// <c>SYNC_E2E_URL</c> names (http, https, ws or wss). A foreign server has no project to spare for each test: they take
/// turns on its project 1, which must be the first sample.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private static readonly RandomIdSource Ids = new();
    private static readonly SemaphoreSlim Turn = new(1, 1);

    private readonly Uri? foreign;
    private readonly TemporaryFolder folder = new();
    private readonly Once<RunningHost> host;

    private protected TestServer()
    {
        foreign = Environment.GetEnvironmentVariable("SYNC_E2E_URL") is { Length: > 0 } url ? new Uri(url) : null;
        host = new Once<RunningHost>(async () => await RunningHost.StartAsync(await OptionsAsync(folder, instances: 1)));
    }

    public virtual async ValueTask DisposeAsync()
    {
        // A start that failed or was skipped has left nothing.
        if (host.IsThere)
        {
            await (await host.GetAsync()).DisposeAsync();
        }

        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A project for one test.</summary>
    internal async Task<Plan> NewPlanAsync()
    {
        if (foreign is null)
        {
            return await (await host.GetAsync()).NewPlanAsync();
        }

        Assert.SkipUnless(this is InProcessServer, "SYNC_E2E_URL: how that server is wired inside is not the test's to choose.");
        await Turn.WaitAsync(TestContext.Current.CancellationToken);
        return new Plan(SocketAddress.Of(foreign), "1", Ids.NewId()[..8], static () => Turn.Release());
    }

    /// <summary>A project of a chosen id; skips where projects cannot be made.</summary>
    internal async Task<Plan> NewPlanAsync(JsonId id)
    {
        Assert.SkipWhen(foreign is not null, "SYNC_E2E_URL: projects cannot be made there.");
        return await (await host.GetAsync()).NewPlanAsync(id);
    }

    /// <summary>A server of the same kind with nobody on it; skips where there is a foreign one.</summary>
    internal Task<RunningHost> StartOwnAsync(TemporaryFolder own, int instances = 1) =>
        StartOwnAsync(own, static options => options, instances);

    /// <summary>The same with some options changed.</summary>
    internal async Task<RunningHost> StartOwnAsync(TemporaryFolder own, Func<LocalOptions, LocalOptions> change, int instances = 1)
    {
        Assert.SkipWhen(foreign is not null, "SYNC_E2E_URL: that server is not the test's to start.");
        return await RunningHost.StartAsync(change(await OptionsAsync(own, instances)));
    }

    /// <summary>How a server of this kind, with storage of its own, is started.</summary>
    private protected abstract Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances);
}

/// <summary>Stand-in and product joined by method calls.</summary>
public sealed class InProcessServer : TestServer
{
    private protected override Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances) =>
        Task.FromResult(RunningHost.Options(own, Transport.InProcess) with { Instances = instances });
}

/// <summary>Stand-in and product joined by CloudEvents and REST, as in Azure.</summary>
public sealed class HttpServer : TestServer
{
    private protected override Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances) =>
        Task.FromResult(RunningHost.Options(own, Transport.Http) with { Instances = instances });
}

/// <summary>
/// The compiled Function App as worker processes on Table Storage (its emulator), with the stand-in in this process. One worker is behind the server that
/// tests share, since they assert every frame: with several, one that stands still on a busy machine is taken over from, which may repeat numbers (P3).
/// </summary>
public sealed class WorkerServer : TestServer
{
    private readonly Once<AzuriteFixture> azurite = new(static () => AzuriteFixture.StartAsync(CancellationToken.None));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (azurite.IsThere)
        {
            await (await azurite.GetAsync()).DisposeAsync();
        }
    }

    private protected override async Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances)
    {
        var emulator = await azurite.GetAsync();
        Assert.SkipWhen(emulator.Unavailable is not null, emulator.Unavailable ?? string.Empty);
        return RunningHost.Options(own) with { Worker = true, Storage = emulator.NewAccount(), Instances = instances };
    }
}
