using System.ComponentModel;
using System.Diagnostics;

namespace ServerlessSync.Support.Emulator;

/// <summary>Starts programs for the tests, with their streams redirected.</summary>
internal static class CommandLine
{
    public static Process Prepare(string program, string folder, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new Process { StartInfo = start };
    }

    /// <summary>Starts a prepared program and begins to read its streams.</summary>
    /// <exception cref="EmulatorException">There is no such program.</exception>
    public static void Start(Process process)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new EmulatorException(
                $"'{process.StartInfo.FileName}' cannot be run: {exception.Message}",
                exception
            );
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }
}
