using System.Diagnostics;
using System.Text;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>The program in a process of its own, so that it can be killed and its exit code read.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    private readonly Process process;
    // Kept apart: which of the two streams arrives first is random.
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly TaskCompletionSource outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalProcess(string[] arguments)
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
        process.OutputDataReceived += (_, line) => Note(line.Data, output, outputEnded);
        process.ErrorDataReceived += (_, line) => Note(line.Data, errors, errorsEnded);
        process.Exited += (_, _) => ready.TrySetResult();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public string Output => TextOf(output);

    public string Errors => TextOf(errors);

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var run = new LocalProcess(arguments);
        return (await run.ExitAsync(), run.Output, run.Errors);
    }

    /// <summary>Starts the program on an address and waits until it reports that it is ready.</summary>
    public static async Task<LocalProcess> StartAsync(Uri url, TemporaryFolder folder, params string[] more)
    {
        var address = url.GetLeftPart(UriPartial.Authority);
        var started = new LocalProcess(["--urls", address, "--data", folder.Path, "--no-demo", .. more]);
        await started.ready.Task.WaitAsync(SyncSocket.Patience, TimeProvider.System);
        Assert.False(started.process.HasExited, started.Output + started.Errors);
        return started;
    }

    public async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(SyncSocket.Patience, TimeProvider.System);

        // The process can exit before all of its output has arrived.
        await Task.WhenAll(outputEnded.Task, errorsEnded.Task).WaitAsync(SyncSocket.Patience, TimeProvider.System);
        return process.ExitCode;
    }

    /// <summary>Kills the process, as a power failure would.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static string TextOf(StringBuilder stream)
    {
        lock (stream)
        {
            return stream.ToString();
        }
    }

    private void Note(string? line, StringBuilder stream, TaskCompletionSource ended)
    {
        if (line is null)
        {
            ended.TrySetResult();
            return;
        }

        lock (stream)
        {
            stream.AppendLine(line);
        }

        if (line.StartsWith("Ctrl+C", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }
}
