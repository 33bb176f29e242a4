using static Microsoft.Playwright.Assertions;

namespace ServerlessSync.EndToEnd.Browser;

[Collection<BrowserCollection>]
public sealed class Two_people_on_one_plan(BrowserFixture browser) : DemoPageTest(browser)
{
    [Fact]
    public async Task See_the_plan_and_each_other()
    {
        foreach (var person in new[] { Hugo, Ines })
        {
            await Expect(person.Users).ToHaveCountAsync(2);
            await Expect(person.Page.Locator("[data-user=Hugo]")).ToBeVisibleAsync();
            await Expect(person.Page.Locator("[data-user=Ines]")).ToBeVisibleAsync();
            await Expect(person.Page.GetByTestId("project-name")).ToHaveTextAsync("Office move to Harbour House");
            await Expect(person.Row("10")).ToContainTextAsync("Legal review of the lease");
        }

        await Hugo.IsToldAsync("Ines joined");
        await Hugo.PhotographAsync("plan-weeks");
        await Hugo.Page.GetByTestId("zoom-days").ClickAsync();
        await Hugo.PhotographAsync("plan-days");
        await Hugo.Page.GetByTestId("zoom-months").ClickAsync();
        await Hugo.PhotographAsync("plan-months");

        await Ines.Page.CloseAsync();

        await Expect(Hugo.Users).ToHaveCountAsync(1);
        await Hugo.IsToldAsync("Ines left");
    }

    [Fact]
    public async Task Are_asked_for_a_name_when_the_address_holds_none()
    {
        var guest = await OpenAsync("Nora", "/");
        var dialog = guest.Page.GetByTestId("name-dialog");
        await Expect(dialog).ToBeVisibleAsync();
        await guest.PhotographAsync("name-dialog");

        await guest.Page.GetByTestId("name-input").FillAsync("Nora");
        await guest.Page.GetByTestId("dialog-ok").ClickAsync();

        await guest.SeesAsync("online");
        await Expect(Hugo.Page.Locator("[data-user=Nora]")).ToBeVisibleAsync();
        await Expect(guest.Users).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task See_a_bar_move_that_one_of_them_drags_with_all_that_depends_on_it()
    {
        await Hugo.SelectAsync("10");
        await Ines.SelectAsync("10");
        var (left, signed) = (await Ines.LeftOfAsync("10"), await Ines.LeftOfAsync("11"));

        await Hugo.DragAsync("10", Person.WeekPixels);

        await Ines.SeesBarAtAsync("10", left + Person.WeekPixels);
        await Ines.PhotographAsync("after-a-drag");
        await Expect(Ines.Row("10")).ToContainTextAsync("20 Apr");
        await Expect(Hugo.Row("10")).ToContainTextAsync("20 Apr");
        // Signing waited for the review until 22 April; now it waits until the 27th.
        await Ines.SeesBarAtAsync("11", signed + Person.WeekPixels * 5d / 7);
        Assert.Equal(await Hugo.LeftOfAsync("10"), await Ines.LeftOfAsync("10"), tolerance: 2);
        Assert.StartsWith("2027-04-20T00:00:00", await StoredAsync("10", "startDate"), StringComparison.Ordinal);
        Assert.StartsWith("2027-04-27T00:00:00", await StoredAsync("11", "startDate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task See_a_task_that_one_of_them_renames()
    {
        await Hugo.Row("10").ClickAsync();
        await Hugo.Page.GetByTestId("tool-edit").ClickAsync();
        await Expect(Hugo.Page.GetByTestId("task-dialog")).ToBeVisibleAsync();
        await Hugo.PhotographAsync("task-dialog");

        await Hugo.FillInTaskAsync("Lawyers read the lease");

        await Expect(Ines.Row("10")).ToContainTextAsync("Lawyers read the lease");
        await Expect(Hugo.Row("10")).ToContainTextAsync("Lawyers read the lease");
        Assert.Equal("Lawyers read the lease", await StoredAsync("10", "name"));
    }

    [Fact]
    public async Task See_a_task_that_one_of_them_adds_and_the_other_deletes()
    {
        await Hugo.SelectAsync("10");
        await Hugo.Page.GetByTestId("tool-add").ClickAsync();
        await Hugo.FillInTaskAsync("Translate the lease");

        await Expect(Ines.RowNamed("Translate the lease")).ToBeVisibleAsync();
        Assert.Contains(
            await PlanReader.TasksAsync(Server.Url, Token),
            static task => task.Value.GetProperty("name").GetString() == "Translate the lease"
        );

        await Ines.RowNamed("Translate the lease").ClickAsync();
        await Ines.Page.GetByTestId("tool-delete").ClickAsync();
        await Expect(Ines.Page.GetByTestId("delete-dialog")).ToContainTextAsync("Translate the lease");
        await Ines.Page.GetByTestId("dialog-ok").ClickAsync();

        await Expect(Hugo.RowNamed("Translate the lease")).ToHaveCountAsync(0);
        await Expect(Ines.RowNamed("Translate the lease")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Get_the_base_plan_back_when_one_of_them_resets_it()
    {
        const string BaseName = "Legal review of the lease";
        await Hugo.RenameAsync("10", "Something else");
        await Expect(Ines.Row("10")).ToContainTextAsync("Something else");

        await Ines.Page.GetByTestId("reset").ClickAsync();
        await Ines.Page.GetByTestId("dialog-cancel").ClickAsync();
        await Expect(Ines.Page.GetByTestId("reset-dialog")).ToHaveCountAsync(0);
        Assert.Equal("Something else", await StoredAsync("10", "name"));

        await Ines.Page.GetByTestId("reset").ClickAsync();
        await Expect(Ines.Page.GetByTestId("reset-dialog")).ToBeVisibleAsync();
        await Ines.PhotographAsync("reset-dialog");
        await Ines.Page.GetByTestId("dialog-ok").ClickAsync();

        await Expect(Hugo.Row("10")).ToContainTextAsync(BaseName);
        await Expect(Ines.Row("10")).ToContainTextAsync(BaseName);
        await Hugo.IsToldAsync("Ines reset the project");
        await Ines.IsToldAsync("You reset the project");
        await Hugo.PhotographAsync("after-a-reset");
        Assert.Equal(BaseName, await StoredAsync("10", "name"));
    }

    [Fact]
    public async Task See_html_in_names_as_text()
    {
        const string Name = "<img src=x onerror=\"document.title='owned'\"><b>Lease</b> & \"more\"";
        var eve = await JoinAsync("<i>Eve</i>");
        await Hugo.Page.GetByTestId("activity-toggle").ClickAsync();

        await eve.RenameAsync("10", Name);

        foreach (var person in new[] { Hugo, Ines, eve })
        {
            await Expect(person.Row("10")).ToContainTextAsync(Name);
            await Expect(person.Bar("10")).ToBeAttachedAsync();
            await Expect(person.Page.Locator("img, .gantt_task_row b, .gantt_row b, .toast i, .activity b")).ToHaveCountAsync(0);
            await Expect(person.Page).ToHaveTitleAsync("Office move to Harbour House · Serverless Sync");
        }

        await Expect(Hugo.Page.GetByTestId("activity-entry").First).ToContainTextAsync(Name);
        await Hugo.IsToldAsync("<i>Eve</i> joined");
        await Hugo.PhotographAsync("html-as-text");
    }
}
