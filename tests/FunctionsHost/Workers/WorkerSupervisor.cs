using System.Globalization;
using ServerlessSync.FunctionsHost.Rpc;

namespace ServerlessSync.FunctionsHost.Workers;

/// <summary>Keeps one worker alive: replaces it when it dies, until it is asked to stop.</summary>
internal sealed class WorkerSupervisor
{
    /// <summary>Consecutive failed starts after which workers are no longer started, as in the real host.</summary>
    private const int FailedStartsMax = 3;

    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkerCommand command;
    private readonly RpcServer server;
    private readonly WorkerHostOptions options;
    private readonly Task<int> supervising;
    private volatile Life life;

    private WorkerSupervisor(WorkerCommand start, RpcServer rpc, WorkerHostOptions settings, Worker worker)
    {
        command = start;
        server = rpc;
        options = settings;
        life = new Life(worker);
        supervising = SuperviseAsync();
    }

    public static async Task<WorkerSupervisor> StartAsync(RpcServer server, WorkerHostOptions options, CancellationToken cancellationToken)
    {
        var start = WorkerCommand.Read(options.AppFolder);
#pragma warning disable CA2000 // The supervisor disposes its workers.
        return new WorkerSupervisor(start, server, options, await Worker.StartAsync(start, server, options, cancellationToken));
#pragma warning restore CA2000
    }

    /// <summary>The current worker, or its replacement that is starting.</summary>
    /// <exception cref="WorkerHostException">Workers are no longer started.</exception>
    public Task<Worker> CurrentAsync(CancellationToken cancellationToken)
    {
        var now = life;
        return now.Worker.Exited.IsCompleted ? now.Next.Task.WaitAsync(cancellationToken) : Task.FromResult(now.Worker);
    }

    /// <summary>Kills the worker; completes when its replacement is ready.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        var now = life;
        await now.Worker.KillAsync();
        await now.Next.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets the worker finish. Returns the exit code of the last one.</summary>
    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        stopping.TrySetResult();
        return await supervising;
    }

    private async Task<int> SuperviseAsync()
    {
        while (true)
        {
            var now = life;
            await Task.WhenAny(now.Worker.Exited, stopping.Task);
            if (stopping.Task.IsCompleted && !now.Worker.Exited.IsCompleted)
            {
                now.Next.TrySetException(new WorkerHostException("The host is stopping."));
                await using var last = now.Worker;
                return await last.TerminateAsync();
            }

            await using var dead = now.Worker;
            var code = await dead.Exited;
            try
            {
                Say($"The worker ended with exit code {code}; starting another one.");
#pragma warning disable CA2000 // Disposed in the round that sees its end.
                life = new Life(await StartAgainAsync());
#pragma warning restore CA2000
                now.Next.SetResult(life.Worker);
            }
            catch (Exception exception) when (exception is WorkerHostException or OperationCanceledException)
            {
                Say($"Workers are no longer started: {exception.Message}");
                now.Next.SetException(exception);
                return code;
            }
        }
    }

    private async Task<Worker> StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Worker.StartAsync(command, server, options, stop.Token);
            }
            catch (WorkerHostException) when (attempt < FailedStartsMax)
            {
                Say($"Start {attempt} of {FailedStartsMax} failed.");
            }
        }
    }

    private void Say(FormattableString text) => options.Output?.Invoke(new HostLine(text.ToString(CultureInfo.InvariantCulture), IsError: true));

    private sealed class Life
    {
        public Life(Worker worker)
        {
            Worker = worker;

            // No caller waits for it.
            _ = Next.Task.ContinueWith(
                static failed => failed.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }

        public Worker Worker { get; }

        /// <summary>The worker after this one.</summary>
        public TaskCompletionSource<Worker> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
