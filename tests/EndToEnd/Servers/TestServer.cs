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
/// The server of the socket tests: one in this process, or the one that the environment variable <c>SYNC_E2E_URL</c> names
/// (http, https, ws or wss). A foreign server has no project to spare for each test, so they take turns on its project 1,
/// which must be the first sample.
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
        // A start that failed or was skipped left nothing behind.
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

    /// <summary>A project with a chosen id; skips where projects cannot be created.</summary>
    internal async Task<Plan> NewPlanAsync(JsonId id)
    {
        Assert.SkipWhen(foreign is not null, "SYNC_E2E_URL: projects cannot be made there.");
        return await (await host.GetAsync()).NewPlanAsync(id);
    }

    /// <summary>A server of the same kind without other clients; skips when the server is a foreign one.</summary>
    internal Task<RunningHost> StartOwnAsync(TemporaryFolder own, int instances = 1) =>
        StartOwnAsync(own, static options => options, instances);

    /// <summary>The same with some options changed.</summary>
    internal async Task<RunningHost> StartOwnAsync(TemporaryFolder own, Func<LocalOptions, LocalOptions> change, int instances = 1)
    {
        Assert.SkipWhen(foreign is not null, "SYNC_E2E_URL: that server is not the test's to start.");
        return await RunningHost.StartAsync(change(await OptionsAsync(own, instances)));
    }

    /// <summary>The options of a server of this kind with separate storage.</summary>
    private protected abstract Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances);
}

/// <summary>Emulator and product connected by method calls.</summary>
public sealed class InProcessServer : TestServer
{
    private protected override Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances) =>
        Task.FromResult(RunningHost.Options(own, Transport.InProcess) with { Instances = instances });
}

/// <summary>Emulator and product connected by CloudEvents and REST, as in Azure.</summary>
public sealed class HttpServer : TestServer
{
    private protected override Task<LocalOptions> OptionsAsync(TemporaryFolder own, int instances) =>
        Task.FromResult(RunningHost.Options(own, Transport.Http) with { Instances = instances });
}

/// <summary>
/// The compiled Function App as worker processes on Table Storage (Azurite), with the Web PubSub emulator in this process.
/// The server that tests share has one worker, because they assert every frame: with several, one that stalls on a busy
/// machine loses its lease, and its successor may repeat numbers (P3).
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
