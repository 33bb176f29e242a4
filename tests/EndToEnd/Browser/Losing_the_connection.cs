using static Microsoft.Playwright.Assertions;

namespace ServerlessSync.EndToEnd.Browser;

[Collection<BrowserCollection>]
public sealed class Losing_the_connection(BrowserFixture browser) : DemoPageTest(browser)
{
    [Fact]
    public async Task Keeps_what_both_sides_edit_until_the_network_is_back()
    {
        await Hugo.GoOfflineAsync();
        await Hugo.SeesAsync("offline");

        await Hugo.RenameAsync("10", "Edited without a network");
        await Expect(Hugo.Page.GetByTestId("pending-count")).ToHaveTextAsync("1 change not sent yet");
        await Hugo.PhotographAsync("offline");
        await Ines.RenameAsync("9", "Edited meanwhile");
        await Expect(Ines.Row("9")).ToContainTextAsync("Edited meanwhile");
        await Expect(Ines.Row("10")).Not.ToContainTextAsync("Edited without a network");

        await Hugo.GoOnlineAsync();

        await Hugo.SeesAsync("online");
        await Expect(Ines.Row("10")).ToContainTextAsync("Edited without a network");
        await Expect(Hugo.Row("9")).ToContainTextAsync("Edited meanwhile");
        await Expect(Hugo.Row("10")).ToContainTextAsync("Edited without a network");
        await Expect(Hugo.Page.GetByTestId("pending-count")).ToBeHiddenAsync();
        await Expect(Hugo.Users).ToHaveCountAsync(2);
        await Expect(Ines.Users).ToHaveCountAsync(2);
        Assert.Equal("Edited without a network", await StoredAsync("10", "name"));
    }

    [Fact]
    public async Task Outlives_a_restart_of_the_server()
    {
        await Hugo.RenameAsync("9", "Edited before the restart");
        await Expect(Ines.Row("9")).ToContainTextAsync("Edited before the restart");
        Hugo.ExpectLosses();
        Ines.ExpectLosses();

        await Server.StopAsync();
        await Expect(Hugo.Page.GetByTestId("connection-state")).Not.ToHaveAttributeAsync("data-state", "online");
        await Expect(Ines.Page.GetByTestId("connection-state")).Not.ToHaveAttributeAsync("data-state", "online");
        await Hugo.RenameAsync("10", "Edited during the restart");
        await Server.ResumeAsync(Token);

        await Hugo.SeesAsync("online");
        await Ines.SeesAsync("online");
        await Expect(Ines.Row("10")).ToContainTextAsync("Edited during the restart");
        await Expect(Ines.Row("9")).ToContainTextAsync("Edited before the restart");
        await Expect(Hugo.Users).ToHaveCountAsync(2);
        await Expect(Ines.Users).ToHaveCountAsync(2);
        Assert.Equal("Edited during the restart", await StoredAsync("10", "name"));
    }
}
