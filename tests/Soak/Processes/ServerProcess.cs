using System.Diagnostics;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.Soak.Processes;

/// <summary>The program of functions/Local in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>Lines of output that are kept.</summary>
    private const int LinesMax = 400;

    /// <summary>A start takes a second; on a machine that is busy with builds, many.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly Queue<string> lines = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(LocalHost).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new IOException("The process ended during its start."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines of output.</summary>
    public string Output
    {
        get
        {
            lock (lines)
            {
                return string.Join(Environment.NewLine, lines);
            }
        }
    }

    /// <summary>The current memory in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.HasExited ? 0 : process.WorkingSet64;
        }
    }

    /// <summary>Starts the process and waits until it reports that it is ready.</summary>
    /// <exception cref="IOException">It ended before that; the message holds its output.</exception>
    public static async Task<ServerProcess> StartAsync(CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        var started = new ServerProcess(arguments);
        try
        {
            await started.ready.Task.WaitAsync(StartMax, TimeProvider.System, cancellationToken);
            return started;
        }
        catch (Exception exception)
        {
            await started.DisposeAsync();
            throw exception is OperationCanceledException
                ? exception
                : new IOException($"{exception.Message} {started.Output}", exception);
        }
    }

    /// <summary>Kills the process, as a power failure would.</summary>
    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null)
        {
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

        if (line.StartsWith("Ctrl+C", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }
}
