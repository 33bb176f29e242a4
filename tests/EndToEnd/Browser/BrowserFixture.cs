using Microsoft.Playwright;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>One browser for all tests; each test has its own server, and each person their own profile.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    /// <summary>Every wait is for a condition and ends with it; this only bounds the waits of a failing test.</summary>
    private const float WaitMaxMs = 20_000;

    private IPlaywright? playwright;
    private IBrowser? browser;
    private string reason = string.Empty;

    /// <summary>The browser; skips the test when there is none.</summary>
    public IBrowser Browser
    {
        get
        {
            if (browser is null)
            {
                Assert.SkipUnless(
                    string.Equals(Environment.GetEnvironmentVariable("SYNC_REQUIRE_ALL"), "1", StringComparison.Ordinal),
                    reason
                );
                Assert.Fail(reason);
            }

            return browser;
        }
    }

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(WaitMaxMs);
        playwright = await Playwright.CreateAsync();
        var installation = new BrowserInstallation(playwright);
        browser = await installation.LaunchAsync(TestContext.Current.CancellationToken);
        reason = browser is null ? installation.Reason : string.Empty;
    }

    /// <summary>A separate profile, as on another machine.</summary>
    public async Task<IBrowserContext> NewContextAsync()
    {
        var context = await Browser.NewContextAsync(
            new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } }
        );
        context.SetDefaultTimeout(WaitMaxMs);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }
}

/// <summary>The tests that share the browser.</summary>
[CollectionDefinition]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>;
