using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Playwright;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>
/// Finds a Chromium that starts: an installed one, else Playwright's own download, else the distribution's package.
/// </summary>
internal sealed class BrowserInstallation(IPlaywright playwright)
{
    private const string ChromiumOfDebian = "/usr/bin/chromium";
    private const string PackageManager = "/usr/bin/apt-get";

    /// <summary>Time for a download of 170 MB, or for a package with its dependencies.</summary>
    private static readonly TimeSpan InstallMax = TimeSpan.FromMinutes(4);

    private static readonly string[] Arguments =
    [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private readonly List<string> reasons = [];

    /// <summary>Why there is no browser; final once <see cref="LaunchAsync"/> has returned null.</summary>
    public string Reason => $"No browser: {string.Join("; ", reasons)}.";

    public async Task<IBrowser?> LaunchAsync(CancellationToken cancellationToken)
    {
        Func<CancellationToken, Task<string?>>[] sources = [FindAsync, DownloadAsync, InstallPackageAsync];
        foreach (var source in sources)
        {
            if (await source(cancellationToken) is { } path && await LaunchAsync(path) is { } browser)
            {
                return browser;
            }
        }

        return null;
    }

    private async Task<IBrowser?> LaunchAsync(string path)
    {
        try
        {
            return await playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Arguments }
            );
        }
        catch (PlaywrightException exception)
        {
            reasons.Add($"{path} does not start ({exception.Message.Split('\n')[0]})");
            return null;
        }
    }

    private Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(
            Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries
        );
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        var found = names
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .Prepend(ChromiumOfDebian)
            .FirstOrDefault(File.Exists);
        if (found is null)
        {
            reasons.Add("none is installed");
        }

        return Task.FromResult(found);
    }

    private async Task<string?> DownloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The call blocks and cannot be cancelled; it ends with the process.
            var code = await Task.Run(
                    static () => Microsoft.Playwright.Program.Main(["install", "chromium"]),
                    cancellationToken
                )
                .WaitAsync(InstallMax, cancellationToken);
            if (code == 0 && File.Exists(playwright.Chromium.ExecutablePath))
            {
                return playwright.Chromium.ExecutablePath;
            }

            reasons.Add($"Playwright's download failed ({code})");
        }
        catch (TimeoutException)
        {
            reasons.Add("Playwright's download took too long");
        }

        return null;
    }

    private async Task<string?> InstallPackageAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists(PackageManager))
        {
            reasons.Add("packages cannot be installed here");
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(InstallMax);
        try
        {
            if (
                await RunAsync(["update"], limit.Token) == 0
                && await RunAsync(["install", "-y", "--no-install-recommends", "chromium"], limit.Token) == 0
            )
            {
                return ChromiumOfDebian;
            }

            reasons.Add("the package chromium could not be installed");
        }
        catch (Win32Exception exception)
        {
            reasons.Add($"{PackageManager} cannot be run ({exception.Message})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reasons.Add("installing the package took too long");
        }

        return null;
    }

    private static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(PackageManager, arguments);
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
