using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using ServerlessSync.FunctionsHost.Rpc;

namespace ServerlessSync.FunctionsHost.Workers;

/// <summary>One worker process, from its start with all functions loaded to its end.</summary>
internal sealed class Worker : IAsyncDisposable
{
    /// <summary>The version of the real host that this one imitates.</summary>
    private const string HostVersion = "4.1037.0";

    private readonly RpcServer server;
    private readonly string id;
    private readonly WorkerChannel channel;
    private readonly WorkerProcess process;
    private readonly WorkerHostOptions options;

    private Worker(RpcServer rpc, string workerId, WorkerChannel conversation, WorkerProcess running, WorkerHostOptions settings)
    {
        server = rpc;
        id = workerId;
        channel = conversation;
        process = running;
        options = settings;
        Exited = ExitAsync();
    }

    public int ProcessId => process.Id;

    public long WorkingSet => process.WorkingSet;

    /// <summary>The exit code, once the process has exited and all waiting callers have been notified.</summary>
    public Task<int> Exited { get; }

    /// <summary>The worker's own HTTP address, which receives the requests.</summary>
    public Uri HttpUrl { get; private set; } = null!;

    public IReadOnlyList<Function> Functions { get; private set; } = [];

    /// <exception cref="WorkerHostException">The worker exited, timed out, or could not load a function; the message holds
    /// its output.</exception>
    public static async Task<Worker> StartAsync(
        WorkerCommand command,
        RpcServer server,
        WorkerHostOptions options,
        CancellationToken cancellationToken
    )
    {
        var workerId = options.Ids.NewId();
        var conversation = new WorkerChannel { Logged = log => options.Output?.Invoke(new HostLine($"{log.Category}: {log.Message}", IsError: false)) };
        server.Expect(workerId, conversation);
        var arguments = Arguments(server.Url, workerId, options.Ids.NewId());
        var running = WorkerProcess.Start(command, options.AppFolder, arguments, Environment(options), options.Output);
#pragma warning disable CA2000 // Returned, or disposed below.
        var worker = new Worker(server, workerId, conversation, running, options);
#pragma warning restore CA2000
        using var bound = new CancellationTokenSource(options.StartMax, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            await worker.InitializeAsync(either.Token);
            return worker;
        }
        catch (OperationCanceledException exception) when (bound.IsCancellationRequested)
        {
            await worker.DisposeAsync();
            throw new WorkerHostException(
                $"The worker was not ready within {options.StartMax.TotalSeconds} s: {running.Tail}",
                innerException: exception
            );
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a function; completes when it has ended.</summary>
    /// <exception cref="WorkerHostException">The worker has exited.</exception>
    public async Task<StatusResult> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await channel.AskAsync(
                new StreamingMessage { InvocationRequest = request },
                AnswerKey.Invocation(request.InvocationId),
                cancellationToken
            );
            return answer.InvocationResponse.Result;
        }
        catch (OperationCanceledException)
        {
            channel.Send(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = request.InvocationId } });
            throw;
        }
    }

    /// <summary>Asks the worker to finish and waits; kills it after the grace period. Returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        channel.Send(new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(options.Grace) } });
        try
        {
            return await Exited.WaitAsync(options.Grace, options.Time);
        }
        catch (TimeoutException)
        {
            await KillAsync();
            return await Exited;
        }
    }

    /// <summary>Kills the process, as a crash would.</summary>
    public Task KillAsync() => process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            await KillAsync();
        }

        await Exited;
        process.Dispose();
    }

    private async Task<int> ExitAsync()
    {
        var code = await process.Exited;
        server.Forget(id);
        channel.Close(
            new WorkerHostException(
                string.Create(CultureInfo.InvariantCulture, $"The worker ended with exit code {code}: {process.Tail}"),
                code
            )
        );
        return code;
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await channel.Started.WaitAsync(cancellationToken);
        var init = await channel.AskAsync(
            new StreamingMessage
            {
                WorkerInitRequest = new WorkerInitRequest
                {
                    HostVersion = HostVersion,
                    WorkerDirectory = options.AppFolder,
                    FunctionAppDirectory = options.AppFolder,
                },
            },
            AnswerKey.Init,
            cancellationToken
        );
        init.WorkerInitResponse.Result.ThrowIfFailed("start");
        HttpUrl = init.WorkerInitResponse.Capabilities.TryGetValue("HttpUri", out var url)
            ? new Uri(url)
            : throw new WorkerHostException("The worker has no HTTP address: it does not use the ASP.NET Core integration.");
        var found = await channel.AskAsync(
            new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = options.AppFolder } },
            AnswerKey.Metadata,
            cancellationToken
        );
        found.FunctionMetadataResponse.Result.ThrowIfFailed("list its functions");
        await Task.WhenAll(found.FunctionMetadataResponse.FunctionMetadataResults.Select(function => LoadAsync(function, cancellationToken)));
        Functions = [.. found.FunctionMetadataResponse.FunctionMetadataResults.Select(Function.Parse)];
    }

    private async Task LoadAsync(RpcFunctionMetadata function, CancellationToken cancellationToken)
    {
        var answer = await channel.AskAsync(
            new StreamingMessage { FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function } },
            AnswerKey.Load(function.FunctionId),
            cancellationToken
        );
        answer.FunctionLoadResponse.Result.ThrowIfFailed($"load function {function.Name}");
    }

    /// <summary>The real host sends each argument twice, in the format of old workers and in that of new ones.</summary>
    private static IEnumerable<string> Arguments(Uri server, string workerId, string requestId)
    {
        const string BytesMax = "2147483647";
        var port = server.Port.ToString(CultureInfo.InvariantCulture);
        return
        [
            .. (string[])["--host", server.Host, "--port", port, "--workerId", workerId, "--requestId", requestId],
            .. (string[])["--grpcMaxMessageLength", BytesMax, "--functions-uri", server.AbsoluteUri, "--functions-worker-id", workerId],
            .. (string[])["--functions-request-id", requestId, "--functions-grpc-max-message-length", BytesMax],
        ];
    }

    private static IEnumerable<KeyValuePair<string, string>> Environment(WorkerHostOptions options) =>
        options.Settings.Concat(
            [new("FUNCTIONS_APPLICATION_DIRECTORY", options.AppFolder), new("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated")]
        );
}
