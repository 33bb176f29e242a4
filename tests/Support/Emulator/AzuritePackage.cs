using System.Security.Cryptography;
using System.Text;

namespace ServerlessSync.Support.Emulator;

/// <summary>The npm package of the emulator, pinned by the lock file in <c>tests/Support/azurite</c>.</summary>
internal static class AzuritePackage
{
    /// <summary>A restore takes half a minute; with another process before us, twice that.</summary>
    private static readonly TimeSpan RestoreMax = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    private static readonly string Root = FindRoot();

    /// <summary>Where the package's lock file lies and its modules go.</summary>
    public static string Folder { get; } = Path.Combine(Root, "tests", "Support", "azurite");

    /// <summary>Restores the package unless this very version is there, and gives the path of the program of a service: <c>blob</c> or <c>table</c>.</summary>
    public static async Task<string> RestoreAsync(string service, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(RestoreMax, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            // Test processes run side by side, and a restore begins by removing the folder.
            await using var guard = await LockAsync(both.Token);
            var wanted = Convert.ToHexStringLower(
                SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"), both.Token))
            );
            var mark = Path.Combine(Folder, "node_modules", ".restored");
            var found = File.Exists(mark) ? await File.ReadAllTextAsync(mark, both.Token) : string.Empty;
            if (!string.Equals(found.Trim(), wanted, StringComparison.Ordinal))
            {
                await RunNpmAsync(both.Token);
                await File.WriteAllTextAsync(mark, wanted, both.Token);
            }
        }
        catch (OperationCanceledException exception) when (bound.IsCancellationRequested)
        {
            throw new EmulatorException(
                $"its package was not restored within {RestoreMax.TotalMinutes} minutes.",
                exception
            );
        }

        return Path.Combine(Folder, "node_modules", "azurite", "dist", "src", service, "main.js");
    }

    private static async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Root, "artifacts", "azurite.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(LockPoll, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static async Task RunNpmAsync(CancellationToken cancellationToken)
    {
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        using var process = CommandLine.Prepare(npm, Folder, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        var output = new StringBuilder();
        process.ErrorDataReceived += (_, data) => output.AppendLine(data.Data);
        CommandLine.Start(process);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new EmulatorException($"npm ci ended with {process.ExitCode}: {output}");
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ServerlessSync.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new EmulatorException($"'{AppContext.BaseDirectory}' lies outside the repository.");
    }
}
