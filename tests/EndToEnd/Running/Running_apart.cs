using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Local.Hosting;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>The emulator alone and the product alone, as with <c>func start</c>: hosts that share nothing but storage and HTTP.</summary>
/// <remarks>Tests the options of <c>functions/Local</c>; a worker of the Function App is always separate from the
/// emulator.</remarks>
public sealed class Running_apart
{
    [Fact]
    public async Task An_edit_travels_through_an_emulator_and_two_hosts_of_the_product()
    {
        using var folder = new TemporaryFolder();
        await using var apart = await Apart.StartAsync(folder);
        await using var plan = new Plan(apart.SocketUrl, "1", "apart", static () => { });
        var pages = await plan.OpenAsync("Hugo", "Ines");
        var (hugo, ines) = (pages[0], pages[1]);

        // Events alternate, so both hosts handle some of these.
        for (var number = 1; number <= 6; number++)
        {
            var author = number % 2 == 0 ? hugo : ines;
            var answer = await author.ChangeAsync(Say.Rename("10", $"Name {number}"));
            await hugo.ExpectAsync(answer);
            await ines.ExpectAsync(answer);
        }

        var loaded = await plan.LoadAsync();
        Assert.Equal((6, "Name 6"), (loaded.Revision, loaded.TaskName("10")));
    }

    [Fact]
    public async Task A_host_that_starts_later_keeps_presence_and_creates_no_project_twice()
    {
        using var folder = new TemporaryFolder();
        await using var apart = await Apart.StartAsync(folder);
        await using var plan = new Plan(apart.SocketUrl, "1", "apart", static () => { });
        var hugo = await plan.OpenAsync("Hugo");
        await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", "Kept")));

        await apart.RestartAsync(0);
        await apart.RestartAsync(1);

        var ines = await plan.EnterAsync("Ines");
        Assert.Equal("Kept", (await ines.LoadAsync()).TaskName("10"));
        await ines.SendAsync(Say.Projects);
        var projects = (await ines.NextAsync()).Data.GetProperty("projects");
        Assert.Equal(["1", "2"], projects.EnumerateArray().Select(static project => project.GetProperty("id").GetRawText()));

        // A list without Hugo would not prove that Ines's arrival was reported.
        Frame people;
        do
        {
            people = await hugo.Socket.NextAsync();
        } while (people.Command is not "users" || !people.Text.Contains("Ines", StringComparison.Ordinal));

        Assert.Contains("Hugo", people.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_meets_a_host_that_is_down_goes_to_the_other()
    {
        using var folder = new TemporaryFolder();
        await using var apart = await Apart.StartAsync(folder);
        await using var plan = new Plan(apart.SocketUrl, "1", "apart", static () => { });
        var hugo = await plan.OpenAsync("Hugo");
        await apart.StopAsync(0);
        for (var number = 1; number <= 2; number++)
        {
            await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", $"Name {number}")));
        }
    }

    /// <summary>One emulator and two hosts of the product, all in this process but sharing nothing.</summary>
    private sealed class Apart : IAsyncDisposable
    {
        private readonly RunningHost?[] products = new RunningHost?[2];
        private readonly LocalOptions[] options;
        private RunningHost? emulator;

        private Apart(LocalOptions[] products) => options = products;

        public Uri SocketUrl => emulator!.SocketUrl;

        public static async Task<Apart> StartAsync(TemporaryFolder folder)
        {
            Uri[] urls = [Ports.FreeUrl(), Ports.FreeUrl()];
            var service = await RunningHost.StartAsync(
                RunningHost.Options(folder) with
                {
                    Role = Role.PubSub,
                    Upstreams = [.. urls.Select(static url => url.GetLeftPart(UriPartial.Authority) + EventRoute.Pattern)],
                }
            );
            var product = RunningHost.Options(folder) with { Role = Role.Functions, PubSub = service.Url };
            var apart = new Apart([.. urls.Select(url => product with { Url = url })]) { emulator = service };
            try
            {
                // Concurrently: both create the samples.
                await Task.WhenAll(apart.StartAsync(0), apart.StartAsync(1));
                return apart;
            }
            catch
            {
                await apart.DisposeAsync();
                throw;
            }
        }

        public async Task RestartAsync(int index)
        {
            await StopAsync(index);
            await StartAsync(index);
        }

        public async Task StopAsync(int index)
        {
            await products[index]!.DisposeAsync();
            products[index] = null;
        }

        public async ValueTask DisposeAsync()
        {
            // The emulator first: it reports the connections that end.
            foreach (var host in products.Prepend(emulator).OfType<RunningHost>())
            {
                await host.DisposeAsync();
            }
        }

        private async Task StartAsync(int index) =>
            products[index] = await RunningHost.StartAsync(options[index], keepPort: true);
    }
}
