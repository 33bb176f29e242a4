using Microsoft.AspNetCore.Http;
using ServerlessSync.FunctionsHost.Http;
using ServerlessSync.FunctionsHost.Rpc;
using ServerlessSync.FunctionsHost.Workers;
using ServerlessSync.Support;

namespace ServerlessSync.FunctionsHost;

/// <summary>
/// Runs the compiled Function App as a Functions host does: a worker process, gRPC to it, HTTP in front of it, timers, and
/// a replacement for a worker that died. It is not a Functions host: it has no scaling, keys or storage, and only HTTP and
/// timer triggers.
/// </summary>
public sealed class WorkerHost : IAsyncDisposable
{
    private readonly Once<int> end;
    private readonly Forwarder forwarder;
    private readonly WorkerHostOptions options;
    private readonly HostSettings settings;
    private readonly RpcServer server;
    private readonly WorkerSupervisor supervisor;
    private FrontDoor door = null!;
    private Timers timers = null!;

    private WorkerHost(WorkerHostOptions chosen, RpcServer rpc, WorkerSupervisor workers)
    {
        options = chosen;
        forwarder = new Forwarder(chosen);
        settings = HostSettings.Read(chosen.AppFolder);
        server = rpc;
        supervisor = workers;
        end = new Once<int>(EndAsync);
    }

    /// <summary>The address for requests, including the route prefix, such as <c>http://127.0.0.1:40001/api/</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The functions of the app.</summary>
    public IReadOnlyList<Function> Functions { get; private set; } = [];

    /// <summary>Starts a worker and accepts requests.</summary>
    /// <exception cref="WorkerHostException">The worker did not start; the message holds its output.</exception>
    public static async Task<WorkerHost> StartAsync(WorkerHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rpc = await RpcServer.StartAsync(cancellationToken);
        WorkerSupervisor? workers = null;
        try
        {
            workers = await WorkerSupervisor.StartAsync(rpc, options, cancellationToken);
#pragma warning disable CA2000 // Returned; what a failed start leaves is ended below.
            var host = new WorkerHost(options, rpc, workers);
#pragma warning restore CA2000
            await host.OpenAsync(cancellationToken);
            return host;
        }
        catch
        {
            if (workers is not null)
            {
                await workers.StopAsync();
            }

            await rpc.DisposeAsync();
            throw;
        }
    }

    /// <summary>The id of the current worker process, or of its replacement that is starting.</summary>
    /// <exception cref="WorkerHostException">Workers are no longer started.</exception>
    public async Task<int> WorkerIdAsync(CancellationToken cancellationToken) => (await supervisor.CurrentAsync(cancellationToken)).ProcessId;

    /// <summary>The memory in bytes that the worker uses.</summary>
    /// <exception cref="WorkerHostException">Workers are no longer started.</exception>
    public async Task<long> WorkerMemoryAsync(CancellationToken cancellationToken) => (await supervisor.CurrentAsync(cancellationToken)).WorkingSet;

    /// <summary>Kills the worker (<c>kill -9</c>); completes when its replacement is ready.</summary>
    /// <exception cref="WorkerHostException">Workers are no longer started.</exception>
    public Task KillWorkerAsync(CancellationToken cancellationToken) => supervisor.KillAsync(cancellationToken);

    /// <summary>Runs a timer function now.</summary>
    /// <exception cref="WorkerHostException">The function failed, or the worker died.</exception>
    public Task RunTimerAsync(string function, CancellationToken cancellationToken) =>
        RunTimerAsync(Functions.Single(other => string.Equals(other.Name, function, StringComparison.Ordinal)), cancellationToken);

    /// <summary>
    /// Accepts no further requests, lets the worker finish, and returns its exit code. Further calls return the same.
    /// </summary>
    public Task<int> StopAsync() => end.GetAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await timers.DisposeAsync();
        await door.DisposeAsync();
        await server.DisposeAsync();
        forwarder.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        Functions = (await supervisor.CurrentAsync(cancellationToken)).Functions;
        door = await FrontDoor.StartAsync(settings, Functions, AnswerAsync, cancellationToken);
        Url = new Uri(door.Url, $"{settings.RoutePrefix}/");
        timers = new Timers(options.RunsTimers ? Functions : [], TryTimerAsync, options.Time);
    }

    private async Task<int> EndAsync()
    {
        await timers.StopAsync();
        await door.StopAsync();
        return await supervisor.StopAsync();
    }

    private async Task AnswerAsync(Function function, HttpContext context)
    {
        using var bound = new CancellationTokenSource(settings.FunctionTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, context.RequestAborted);
        try
        {
            var worker = await supervisor.CurrentAsync(either.Token);
            try
            {
                await forwarder.ForwardAsync(worker, function, context, either.Token);
            }
            catch (OperationCanceledException) when (bound.IsCancellationRequested)
            {
                // As the real host does, because nothing else ends code that ignores its cancellation.
                await worker.KillAsync();
                Forwarder.Fail(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // No caller waits for the response.
        }
        catch (BadHttpRequestException exception)
        {
            context.Response.StatusCode = exception.StatusCode;
        }
        catch (Exception exception) when (exception is WorkerHostException or OperationCanceledException)
        {
            Forwarder.Fail(context);
        }
    }

    private async Task TryTimerAsync(Function function, CancellationToken cancellationToken)
    {
        try
        {
            await RunTimerAsync(function, cancellationToken);
        }
        catch (WorkerHostException exception)
        {
            options.Output?.Invoke(new HostLine(exception.Message, IsError: true));
        }
    }

    private async Task RunTimerAsync(Function function, CancellationToken cancellationToken)
    {
        var worker = await supervisor.CurrentAsync(cancellationToken);
        var result = await worker.InvokeAsync(TimerInvocation.Of(function, options.Ids.NewId()), cancellationToken);
        result.ThrowIfFailed($"run {function.Name}");
    }
}
