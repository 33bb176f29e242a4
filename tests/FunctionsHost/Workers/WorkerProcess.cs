using System.Diagnostics;

namespace ServerlessSync.FunctionsHost.Workers;

/// <summary>The process of a worker: its streams and its exit.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>Lines of output that are kept for the message about a failed start.</summary>
    private const int LinesMax = 50;

    private readonly Process process;
    private readonly Queue<string> lines = new();
    private readonly Action<HostLine>? output;
    private readonly TaskCompletionSource outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerProcess(ProcessStartInfo start, Action<HostLine>? sink)
    {
        output = sink;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Note(line.Data, isError: false, outputEnded);
        process.ErrorDataReceived += (_, line) => Note(line.Data, isError: true, errorsEnded);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exited = ExitAsync();
    }

    public int Id => process.Id;

    /// <summary>The exit code, once the process has exited and all of its output has been read.</summary>
    public Task<int> Exited { get; }

    /// <summary>The last output of the process, for people.</summary>
    public string Tail
    {
        get
        {
            lock (lines)
            {
                return string.Join(Environment.NewLine, lines);
            }
        }
    }

    /// <summary>The memory in bytes that the process uses.</summary>
    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.HasExited ? 0 : process.WorkingSet64;
        }
    }

    /// <exception cref="WorkerHostException">There is no such program.</exception>
    public static WorkerProcess Start(
        WorkerCommand command,
        string folder,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>> environment,
        Action<HostLine>? output
    )
    {
        var start = new ProcessStartInfo(command.Executable)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments.Prepend(command.Worker))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new WorkerProcess(start, output);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new WorkerHostException($"'{command.Executable}' cannot be run: {exception.Message}", innerException: exception);
        }
    }

    /// <summary>Kills the process, as a crash would.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await Exited;
    }

    public void Dispose() => process.Dispose();

    private async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync();
        await Task.WhenAll(outputEnded.Task, errorsEnded.Task);
        return process.ExitCode;
    }

    private void Note(string? line, bool isError, TaskCompletionSource ended)
    {
        if (line is null)
        {
            ended.TrySetResult();
            return;
        }

        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > LinesMax)
            {
                lines.Dequeue();
            }
        }

        output?.Invoke(new HostLine(line, isError));
    }
}
