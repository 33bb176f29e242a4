using System.Net;
using System.Text.Json;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>
/// What waits for a server to start, or watches one. On a laptop the emulator of the service has an address of the same name, which answers nothing.
/// </summary>
public sealed class Asking_for_health
{
    [Theory]
    [InlineData(nameof(Transport.InProcess))]
    [InlineData(nameof(Transport.Http))]
    public async Task Local_says_what_runs_and_whether_it_reaches_its_storage(string transport)
    {
        using var folder = new TemporaryFolder();
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder, Enum.Parse<Transport>(transport)));
        using var http = new HttpClient { BaseAddress = host.Url };

        using var answer = await http.GetAsync(new Uri("api/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("ok", "ok"), (Text(said, "status"), Text(said, "storage")));
        Assert.Matches("^[0-9]+[.][0-9]+[.][0-9]+", Text(said, "version"));
        Assert.Matches("^([0-9a-f]{40}|unknown)$", Text(said, "commit"));
    }

    [Fact]
    public async Task An_sdk_of_the_service_gets_its_own_answer_without_a_body()
    {
        using var folder = new TemporaryFolder();
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder));
        using var http = new HttpClient { BaseAddress = host.Url };
        using var request = new HttpRequestMessage(HttpMethod.Head, "api/health");

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static string Text(JsonDocument document, string name) => document.RootElement.GetProperty(name).GetString()!;
}
