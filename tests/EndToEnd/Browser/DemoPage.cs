using Microsoft.Playwright;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>One person's window on the demo page.</summary>
internal sealed class DemoPage : IAsyncDisposable
{
    private readonly IBrowserContext context;

    private DemoPage(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.PageError += (_, error) => Errors.Add(error);
    }

    public IPage Page { get; }

    /// <summary>Exceptions that nothing in the page caught.</summary>
    public List<string> Errors { get; } = [];

    public ILocator State => Page.GetByTestId("connection-state");

    public IBrowserContext Context => context;

    public static async Task<DemoPage> OpenAsync(IBrowser browser, Uri url, string user)
    {
        var fresh = await browser.NewContextAsync(
            new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 800 } }
        );
        var window = new DemoPage(fresh, await fresh.NewPageAsync());
        await window.Page.GotoAsync(new Uri(url, $"/?user={user}").AbsoluteUri);
        await window.IsOnlineAsync();
        return window;
    }

    public Task IsOnlineAsync() => IsAsync("online");

    public Task IsAsync(string state) => Assertions.Expect(State).ToHaveAttributeAsync("data-state", state, new() { Timeout = 30_000 });

    public ILocator Bar(string task) => Page.Locator($".gantt_task_line[data-task-id=\"{task}\"]");

    public ILocator Row(string task) => Page.Locator($".gantt_row[data-task-id=\"{task}\"]");

    /// <summary>Where a bar is; measured late, since the chart scrolls by itself.</summary>
    public async Task<LocatorBoundingBoxResult> BoxAsync(string task) =>
        await Bar(task).BoundingBoxAsync() ?? throw new InvalidOperationException($"Task {task} has no bar on the screen.");

    /// <summary>Brings a task into sight.</summary>
    public async Task ShowAsync(string task)
    {
        await Row(task).ScrollIntoViewIfNeededAsync();
        await Row(task).ClickAsync();
        await Assertions.Expect(Bar(task)).ToBeVisibleAsync();
    }

    public async Task DragAsync(string task, float pixels)
    {
        var box = await BoxAsync(task);

        // Near the start: the handle for the progress sits where the progress ends.
        var (x, y) = (box.X + 20, box.Y + 8);
        await Page.Mouse.MoveAsync(x, y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(x + (pixels / 2), y, new() { Steps = 8 });
        await Page.Mouse.MoveAsync(x + pixels, y, new() { Steps = 8 });
        await Page.Mouse.UpAsync();
    }

    /// <summary>Waits until a bar begins right of a place.</summary>
    public async Task MovedBeyondAsync(string task, float x)
    {
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);

        // The chart replaces the bar's element when it draws anew, so for a moment there may be none.
        while (!(await Bar(task).BoundingBoxAsync() is { } box && box.X > x))
        {
            await looks.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Keeps a picture for people to look at.</summary>
    public Task PictureAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png") });

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
