using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>A person with the demo page open: their actions and what they see.</summary>
internal sealed class Person : IAsyncDisposable
{
    /// <summary>The width of a week in the initial zoom.</summary>
    public const int WeekPixels = 76;

    /// <summary>
    /// Notes disappear after some seconds, which a busy machine may need for the previous step; so they are recorded.
    /// </summary>
    private const string WriteDownToasts = """
        window.toastsSeen = [];
        new MutationObserver(records => records.forEach(record => record.addedNodes.forEach(node =>
          node.dataset?.testid === 'toast' && window.toastsSeen.push(node.textContent)
        ))).observe(document, { childList: true, subtree: true });
        """;

    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> complaints = new();
    private volatile bool lossesExpected;

    private Person(string name, Uri server, IBrowserContext profile, IPage page)
    {
        Name = name;
        context = profile;
        Page = page;
        page.PageError += (_, error) => complaints.Enqueue($"{name}: {error}");
        page.Request += (_, request) =>
        {
            // The page loads nothing from elsewhere: it works without the internet, and reveals its visitors to no other
            // server.
            if (new Uri(request.Url) is { Scheme: not "data" } address && address.Authority != server.Authority)
            {
                complaints.Enqueue($"{name}: asked another host: {request.Url}");
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !(lossesExpected && IsLoss(message.Text)))
            {
                complaints.Enqueue($"{name}: {message.Type}: {message.Text} ({message.Location})");
            }
        };
    }

    public string Name { get; }

    public IPage Page { get; }

    public ILocator Users => Page.GetByTestId("user");

    /// <summary>The browser's complaints: script errors, refused resources, violated policies.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    /// <summary>Opens the page, under the name in the query or one that the page asks for.</summary>
    public static async Task<Person> OpenAsync(BrowserFixture browser, DemoServer server, string name, string query)
    {
        var profile = await browser.NewContextAsync();
        await profile.AddInitScriptAsync(WriteDownToasts);
        var page = await profile.NewPageAsync();
        var person = new Person(name, server.Url, profile, page);
        await page.GotoAsync(new Uri(server.Url, query).AbsoluteUri);
        return person;
    }

    public ILocator Bar(string task) => Page.Locator($".gantt_task_line[data-task-id=\"{task}\"]");

    public ILocator Row(string task) => Page.Locator($".gantt_row[data-task-id=\"{task}\"]");

    /// <summary>The row of a task whose id is unknown.</summary>
    public ILocator RowNamed(string text) =>
        Page.Locator(".gantt_row", new PageLocatorOptions { HasText = text });

    public Task SeesAsync(string state) =>
        Expect(Page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", state);

    /// <summary>Waits for a note with exactly this text.</summary>
    public Task IsToldAsync(string text) => Page.WaitForFunctionAsync("text => window.toastsSeen.includes(text)", text);

    /// <summary>Selects a task, which scrolls the timeline to its bar.</summary>
    public async Task SelectAsync(string task)
    {
        await Row(task).ClickAsync();
        await Expect(Bar(task)).ToBeInViewportAsync();
    }

    /// <summary>The position of a task's bar on the screen.</summary>
    public async Task<double> LeftOfAsync(string task) =>
        (await Bar(task).BoundingBoxAsync())?.X ?? throw new InvalidOperationException($"Task {task} has no bar here.");

    /// <summary>Waits until a task's bar is at a position on the screen, within the pixel that rounding costs.</summary>
    public Task SeesBarAtAsync(string task, double left, float? timeoutMs = null) =>
        Page.WaitForFunctionAsync(
            """
            ([task, left]) => {
              const bar = document.querySelector(`.gantt_task_line[data-task-id="${task}"]`);
              return bar && Math.abs(bar.getBoundingClientRect().x - left) < 2;
            }
            """,
            new object[] { task, left },
            new PageWaitForFunctionOptions { Timeout = timeoutMs }
        );

    /// <summary>No chart takes this long to redraw.</summary>
    private const float SettleMaxMs = 5_000;

    /// <summary>Drags the bar of a selected task with the mouse.</summary>
    public async Task DragAsync(string task, int pixels)
    {
        var goal = await LeftOfAsync(task) + pixels;
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            // Retries: on a busy machine the chart can miss the start of a drag.
            await DragOnceAsync(task, (float)(goal - await LeftOfAsync(task)));
            try
            {
                await SeesBarAtAsync(task, goal, SettleMaxMs);
                return;
            }
            catch (TimeoutException) when (attempt < 3)
            {
                // It is elsewhere, and at rest by now.
            }
        }
    }

    private async Task DragOnceAsync(string task, float pixels)
    {
        // Waits until the chart is at rest: a bar that is still sliding into view would be missed.
        await Bar(task).HoverAsync(new LocatorHoverOptions { Position = new Position { X = 30, Y = 10 } });
        var bar = await Bar(task).BoundingBoxAsync() ?? throw new InvalidOperationException($"Task {task} has no bar here.");
        var (x, y) = (bar.X + 30, bar.Y + 10);
        await Page.Mouse.MoveAsync(x, y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(x + pixels, y, new MouseMoveOptions { Steps = 12 });
        await Page.Mouse.UpAsync();
    }

    /// <summary>Renames a task through the dialog.</summary>
    public async Task RenameAsync(string task, string name)
    {
        await Row(task).ClickAsync();
        await Page.GetByTestId("tool-edit").ClickAsync();
        await FillInTaskAsync(name);
    }

    /// <summary>Names the task in the open dialog, and saves it.</summary>
    public async Task FillInTaskAsync(string name)
    {
        await Page.GetByTestId("task-name").FillAsync(name);
        await Page.GetByTestId("dialog-ok").ClickAsync();
        await Expect(Page.GetByTestId("task-dialog")).ToHaveCountAsync(0);
    }

    /// <summary>Disconnects the network; from here on, the browser's messages about lost connections are expected.</summary>
    public Task GoOfflineAsync()
    {
        ExpectLosses();
        return context.SetOfflineAsync(true);
    }

    public Task GoOnlineAsync() => context.SetOfflineAsync(false);

    public void ExpectLosses() => lossesExpected = true;

    /// <summary>Saves a screenshot for people.</summary>
    public Task PhotographAsync(string title) => Screenshots.TakeAsync(Page, title);

    public ValueTask DisposeAsync() => context.DisposeAsync();

    private static bool IsLoss(string text) =>
        text.StartsWith("WebSocket connection to ", StringComparison.Ordinal)
        || text.Contains("net::ERR_INTERNET_DISCONNECTED", StringComparison.Ordinal);
}
