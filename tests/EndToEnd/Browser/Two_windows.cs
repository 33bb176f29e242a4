using Microsoft.Playwright;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using static Microsoft.Playwright.Assertions;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>Two people with the demo page open.</summary>
public sealed class Two_windows(ChromiumBrowser chromium)
{
    /// <summary>A leaf task in the middle of the first phase.</summary>
    private const string Task = "10";

    [Fact]
    public async Task A_bar_that_one_drags_moves_for_the_other_and_in_the_dataset()
    {
        await using var demo = await StartAsync();
        await Expect(demo.Hugo.Page.GetByTestId("user")).ToHaveCountAsync(2);
        await Expect(demo.Ines.Page.GetByTestId("user")).ToHaveCountAsync(2);
        await demo.Hugo.ShowAsync(Task);
        await demo.Ines.ShowAsync(Task);
        var before = (await demo.Plan.LoadAsync()).Task(Task)!.Value.GetProperty("startDate").GetString();
        var was = await demo.Ines.BoxAsync(Task);
        await demo.Hugo.PictureAsync("1-hugo-before");

        await demo.Hugo.DragAsync(Task, pixels: 160);
        await demo.Hugo.PictureAsync("2-hugo-after");
        await demo.Ines.MovedBeyondAsync(Task, was.X + 60);
        await demo.Ines.PictureAsync("3-ines-after");
        var after = (await demo.Plan.LoadAsync()).Task(Task)!.Value.GetProperty("startDate").GetString();
        Assert.True(string.CompareOrdinal(after, before) > 0, $"{before} became {after}");
        demo.AssertNoErrors();
    }

    [Fact]
    public async Task A_task_that_one_renames_reads_the_same_for_the_other_as_text()
    {
        await using var demo = await StartAsync();
        await demo.Hugo.ShowAsync(Task);
        await demo.Hugo.Page.GetByTestId("tool-edit").ClickAsync();
        await demo.Hugo.Page.GetByTestId("task-name").FillAsync("Review <img src=x onerror=alert(1)>");
        await demo.Hugo.Page.GetByTestId("task-dialog").GetByTestId("dialog-ok").ClickAsync();

        await Expect(demo.Ines.Row(Task)).ToContainTextAsync("Review <img src=x onerror=alert(1)>");
        Assert.Equal(0, await demo.Ines.Page.Locator(".gantt_row img[src=x]").CountAsync());
        await demo.Ines.PictureAsync("4-ines-renamed");
        demo.AssertNoErrors();
    }

    [Fact]
    public async Task An_edit_made_offline_arrives_when_the_line_is_back()
    {
        await using var demo = await StartAsync();
        await demo.Hugo.ShowAsync(Task);
        await demo.Hugo.Context.SetOfflineAsync(true);
        await demo.RestartAsync();
        await Expect(demo.Hugo.State).Not.ToHaveAttributeAsync("data-state", "online", new() { Timeout = 30_000 });
        await demo.Hugo.PictureAsync("5-hugo-offline");
        await demo.Hugo.Page.GetByTestId("tool-edit").ClickAsync();
        await demo.Hugo.Page.GetByTestId("task-name").FillAsync("Renamed without a line");
        await demo.Hugo.Page.GetByTestId("task-dialog").GetByTestId("dialog-ok").ClickAsync();
        await demo.Hugo.Context.SetOfflineAsync(false);

        await demo.Hugo.IsOnlineAsync();
        await demo.Ines.IsOnlineAsync();
        await Expect(demo.Ines.Row(Task)).ToContainTextAsync("Renamed without a line", new() { Timeout = 30_000 });
        demo.AssertNoErrors();
    }

    [Fact]
    public async Task A_reset_brings_the_plan_back_for_both()
    {
        await using var demo = await StartAsync();
        await demo.Hugo.ShowAsync(Task);
        await demo.Hugo.Page.GetByTestId("tool-edit").ClickAsync();
        await demo.Hugo.Page.GetByTestId("task-name").FillAsync("Soon forgotten");
        await demo.Hugo.Page.GetByTestId("task-dialog").GetByTestId("dialog-ok").ClickAsync();
        await Expect(demo.Ines.Row(Task)).ToContainTextAsync("Soon forgotten");
        await demo.Ines.Page.GetByTestId("reset").ClickAsync();
        await demo.Ines.PictureAsync("6-ines-reset-dialog");
        await demo.Ines.Page.GetByTestId("reset-dialog").GetByTestId("dialog-ok").ClickAsync();

        await Expect(demo.Hugo.Row(Task)).ToContainTextAsync("Legal review of the lease", new() { Timeout = 30_000 });
        await Expect(demo.Ines.Row(Task)).ToContainTextAsync("Legal review of the lease", new() { Timeout = 30_000 });
        await demo.Hugo.PictureAsync("7-hugo-after-reset");
        demo.AssertNoErrors();
    }

#pragma warning disable CA2000 // TwoPeople disposes what it is given.
    private async Task<TwoPeople> StartAsync()
    {
        var folder = new TemporaryFolder();
        var host = await RunningHost.StartAsync(RunningHost.Options(folder) with { Demo = true });
        return new TwoPeople(
            folder,
            host,
            await DemoPage.OpenAsync(chromium.Required, host.Url, "Hugo"),
            await DemoPage.OpenAsync(chromium.Required, host.Url, "Ines")
        );
    }
#pragma warning restore CA2000

    private sealed class TwoPeople(TemporaryFolder folder, RunningHost host, DemoPage hugo, DemoPage ines) : IAsyncDisposable
    {
        private RunningHost running = host;

        public DemoPage Hugo => hugo;

        public DemoPage Ines => ines;

        public Plan Plan => running.Plan("1");

        /// <summary>Ends the server and starts it again on the same address and data: every line is cut.</summary>
        public async Task RestartAsync()
        {
            await running.DisposeAsync();
            running = await RunningHost.StartAsync(
                RunningHost.Options(folder) with { Demo = true, Url = running.Url },
                keepPort: true
            );
        }

        public void AssertNoErrors()
        {
            Assert.Empty(hugo.Errors);
            Assert.Empty(ines.Errors);
        }

        public async ValueTask DisposeAsync()
        {
            await hugo.DisposeAsync();
            await ines.DisposeAsync();
            await running.DisposeAsync();
            folder.Dispose();
        }
    }
}
