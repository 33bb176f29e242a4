using System.Net.Http.Headers;
using System.Text.Json;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>The log of the whole program, which has more readers than any plan.</summary>
public sealed class Keeping_plans_out_of_the_log
{
    private const string Secret = "Zebra takes over the Marzipan works";

    [Theory]
    [InlineData("in-process")]
    [InlineData("http")]
    public async Task No_text_of_a_plan_and_no_token_is_in_it(string transport)
    {
        using var folder = new TemporaryFolder();
        var url = Ports.FreeUrl();
        await using var program = await LocalProcess.StartAsync(url, folder, "--transport", transport);
        using var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Development", "Hugo");
        var token = TestContext.Current.CancellationToken;

        using var negotiated = await http.PostAsync(new Uri("/api/negotiate", UriKind.Relative), content: null, token);
        var address = JsonDocument.Parse(await negotiated.Content.ReadAsStringAsync(token)).RootElement.GetProperty("url").GetString()!;
        await using (var plan = new Plan(new Uri(address), "1", transport, static () => { }))
        {
            var page = await plan.OpenAsync("Hugo");
            await page.ExpectAsync(await page.ChangeAsync(Say.Rename("10", Secret)));
            await page.SendAsync(Say.Change("1", null, Say.Revision("local-9", null, $$$"""{"tasks":{"updated":[{"name":"{{{Secret}}}"}]}}""")));
            Assert.NotNull((await page.NextAsync()).Error);
            await page.SendAsync($$"""{"command":"project_change","{{Secret}}""");
        }

        using var file = new StringContent($"[\"{Secret}\"");
        using var imported = await http.PostAsync(new Uri("/api/projects?name=x", UriKind.Relative), file, token);
        using var refused = new HttpRequestMessage(HttpMethod.Get, "/client/hubs/sync?access_token=eyJhbGciOiJIUzI1NiJ9.e30.forged");
        using var answer = await http.SendAsync(refused, token);

        Assert.Contains("joined project", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Marzipan", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(address[(address.IndexOf("access_token=", StringComparison.Ordinal) + 13)..], program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", program.Output, StringComparison.Ordinal);
    }
}
