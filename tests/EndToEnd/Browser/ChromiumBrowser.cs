using System.Diagnostics;
using Microsoft.Playwright;
using ServerlessSync.EndToEnd.Browser;

[assembly: AssemblyFixture(typeof(ChromiumBrowser))]

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>
/// A headless Chromium: an installed one, or Playwright's own download, or Debian's package. Tests skip with the reason when none
/// can be had, unless <c>SYNC_REQUIRE_ALL</c> says that this is a failure.
/// </summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>Nothing in the background: a closed network would keep it busy with refused connections.</summary>
    private static readonly string[] Arguments =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private IPlaywright? playwright;
    private IBrowser? browser;
    private string reason = "No browser was looked for.";

    /// <summary>The browser; skips or fails the test where there is none.</summary>
    public IBrowser Required
    {
        get
        {
            if (browser is null)
            {
                Assert.SkipUnless(Environment.GetEnvironmentVariable("SYNC_REQUIRE_ALL") is "1", reason);
                Assert.Fail(reason);
            }

            return browser;
        }
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            playwright = await Playwright.CreateAsync();
            var path = FindInstalled();
            if (path is null && Microsoft.Playwright.Program.Main(["install", "chromium"]) != 0)
            {
                await InstallPackageAsync();
                path = FindInstalled();
            }

            browser = await playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Arguments }
            );
        }
        catch (PlaywrightException exception)
        {
            reason = $"No browser: {exception.Message}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }

    private static string? FindInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator)
            .SelectMany(static folder => Names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    private static async Task InstallPackageAsync()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName is not "root" || !File.Exists("/usr/bin/apt-get"))
        {
            return;
        }

        const string Install =
            "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core";
        using var apt = Process.Start("sh", ["-c", Install]);
        await apt.WaitForExitAsync();
    }
}
