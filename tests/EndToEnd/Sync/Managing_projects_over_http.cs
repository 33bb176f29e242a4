using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Projects, rights and sockets of signed-in users: the HTTP API and the sockets concern the same objects.</summary>
/// <remarks>
/// Not in the Functions worker: only a host on a developer's machine trusts a name, and the Function App has no setting
/// for that. <c>tests/Api.Tests</c> covers its OpenID Connect tokens; <c>tests/FunctionsHost.Tests</c> checks that its
/// addresses are closed without a provider.
/// </remarks>
public sealed class Managing_projects_over_http
{
    private const string Dataset = """{"tasksData":[{"id":10,"name":"Measure"}],"project":{"startDate":"2027-04-05"}}""";

    [Theory]
    [InlineData(nameof(Transport.InProcess))]
    [InlineData(nameof(Transport.Http))]
    public async Task An_owner_makes_a_project_shares_it_and_takes_it_back(string transport)
    {
        using var folder = new TemporaryFolder();
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder, Enum.Parse<Transport>(transport)));
        using var http = new HttpClient { BaseAddress = host.Url };
        var project = (await AskAsync(http, "Hugo", HttpMethod.Post, "api/projects?name=Secret%20plan", Dataset))
            .GetProperty("id")
            .GetRawText();

        await using var stranger = await EnterAsync(http, "Ines");
        await stranger.SendAsync(Say.Dataset(project));
        Assert.Equal("Authorization required", await ErrorAsync(stranger, "dataset"));

        var path = $"api/projects/{Uri.EscapeDataString(JsonSerializer.Deserialize<string>(project)!)}";
        await AskAsync(http, "Hugo", HttpMethod.Put, $"{path}/access/Ines", """{"role":"editor"}""");
        await stranger.SendAsync(Say.Dataset(project));
        await AwaitAsync(stranger, "dataset");
        await using var owner = await EnterAsync(http, "Hugo");
        await owner.SendAsync(Say.Dataset(project));
        await AwaitAsync(owner, "dataset");
        await stranger.SendAsync(Say.Change(project, "\"ines\"", Say.Revision("local-1", "\"ines\"", Say.Rename("10", "By Ines"))));
        Assert.Contains("By Ines", (await AwaitAsync(owner, "project_change")).Text, StringComparison.Ordinal);

        await AskAsync(http, "Hugo", HttpMethod.Delete, $"{path}/access/Ines");
        await stranger.ClosedAsync();
        var exported = await AskAsync(http, "Hugo", HttpMethod.Get, $"{path}/dataset");
        Assert.Equal("By Ines", exported.GetProperty("tasksData")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_negotiated_socket_belongs_to_its_user_whatever_name_is_entered()
    {
        using var folder = new TemporaryFolder();
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder));
        using var http = new HttpClient { BaseAddress = host.Url };
        await using var socket = await SyncSocket.ConnectAsync(await NegotiateAsync(http, "Hugo"));

        await socket.SendAsync(Say.Login("Somebody else"));

        Assert.Contains("\"userName\":\"Hugo\"", (await AwaitAsync(socket, "login")).Text, StringComparison.Ordinal);
    }

    private static async Task<SyncSocket> EnterAsync(HttpClient http, string user)
    {
        var socket = await SyncSocket.ConnectAsync(await NegotiateAsync(http, user));
        await socket.SendAsync(Say.Login(user));
        await AwaitAsync(socket, "login");
        return socket;
    }

    private static async Task<Uri> NegotiateAsync(HttpClient http, string user) =>
        new((await AskAsync(http, user, HttpMethod.Post, "api/negotiate")).GetProperty("url").GetString()!);

    private static async Task<JsonElement> AskAsync(HttpClient http, string user, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Development", user);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return answer.StatusCode == HttpStatusCode.NoContent ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static async Task<Frame> AwaitAsync(SyncSocket socket, string command)
    {
        while (true)
        {
            var frame = await socket.NextAsync();
            if (frame.Command == command)
            {
                return frame;
            }
        }
    }

    private static async Task<string?> ErrorAsync(SyncSocket socket, string command) => (await AwaitAsync(socket, command)).Error;
}
