using static Microsoft.Playwright.Assertions;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>A separate server and two people on its first project. An error reported by a browser fails the test.</summary>
public abstract class DemoPageTest(BrowserFixture browser) : IAsyncLifetime
{
    private readonly List<Person> people = [];
    private DemoServer? server;

    internal DemoServer Server => server!;

    internal Person Hugo => people[0];

    internal Person Ines => people[1];

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // First, because without a browser nothing else needs to start.
        _ = browser.Browser;
        server = await DemoServer.StartAsync(Token);
        await JoinAsync("Hugo");
        await JoinAsync("Ines");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var person in people)
        {
            await person.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Assert.Empty(people.SelectMany(static person => person.Complaints));
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the page under a name, and waits until the plan is shown.</summary>
    private protected async Task<Person> JoinAsync(string name)
    {
        var person = await OpenAsync(name, $"/?user={Uri.EscapeDataString(name)}");
        await person.SeesAsync("online");
        await Expect(person.Row("1")).ToBeVisibleAsync();
        return person;
    }

    private protected async Task<Person> OpenAsync(string name, string query)
    {
        var person = await Person.OpenAsync(browser, Server, name, query);
        people.Add(person);
        return person;
    }

    private protected async Task<string?> StoredAsync(string task, string field)
    {
        var tasks = await PlanReader.TasksAsync(Server.Url, Token);
        return tasks[task].TryGetProperty(field, out var value) ? value.ToString() : null;
    }
}
