using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>What a hostile page, open in a browser on this machine, can do to a server that listens here.</summary>
public sealed class Refusing_hostile_pages : IAsyncLifetime
{
    private const string Plans = "https://plans.example.com";

    private readonly TemporaryFolder folder = new();
    private RunningHost host = null!;
    private HttpClient http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host = await RunningHost.StartAsync(RunningHost.Options(folder) with { AllowedOrigins = [Plans], Demo = true });
        http = new HttpClient { BaseAddress = host.Url };
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await host.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:81", true)]
    [InlineData("127.0.0.1:7071", true)]
    [InlineData("127.8.8.8", true)]
    [InlineData("[::1]:7071", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("10.0.0.1:7071", false)]
    public async Task A_name_that_is_not_this_machine_s_is_answered_nothing(string name, bool served)
    {
        foreach (var path in new[] { "/", "/api/projects", "/api/health", "/api/hubs/sync/groups/everyone?api-version=2024-12-01", "/client/hubs/sync" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = name } };
            using var answer = await http.SendAsync(request, Token);

            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.Equal(!served, text.Contains("Host: this server answers to localhost", StringComparison.Ordinal));
            Assert.Equal(!served, answer.StatusCode == HttpStatusCode.BadRequest && answer.Content.Headers.ContentType?.MediaType == "application/problem+json");
        }

        Assert.Equal(served ? 101 : 400, await host.HandshakeAsync(("Host", name)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5173", true)]
    [InlineData("http://localhost", true)]
    [InlineData(Plans, true)]
    [InlineData("http://plans.example.com", false)]
    [InlineData("https://plans.example.com.evil.example", false)]
    [InlineData("http://evil.example", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("file://", false)]
    [InlineData("", false)]
    public async Task A_page_of_another_site_opens_no_socket_and_calls_nothing(string origin, bool served)
    {
        Assert.Equal(served ? 101 : 403, await host.HandshakeAsync(("Origin", origin)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/negotiate");
        request.Headers.Authorization = new AuthenticationHeaderValue("Development", "Hugo");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        using var answer = await http.SendAsync(request, Token);
        Assert.Equal(served ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(
            served ? [origin] : [],
            answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed : []
        );
    }

    [Fact]
    public async Task A_page_that_is_allowed_asks_before_it_calls()
    {
        foreach (var path in new[] { "/api/negotiate", "/api/projects/7/access/Hugo", "/api/health" })
        {
            using var preflight = new HttpRequestMessage(HttpMethod.Options, path);
            preflight.Headers.Add("Origin", Plans);
            preflight.Headers.Add("Access-Control-Request-Method", "PUT");
            preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
            using var answer = await http.SendAsync(preflight, Token);

            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal(Plans, Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Contains("PUT", string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
            Assert.Contains("Authorization", string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task Every_answer_forbids_to_guess_its_type_and_the_page_runs_its_own_code_alone()
    {
        foreach (var path in new[] { "/", "/demo.js", "/api/projects", "/api/nothing", "/api/negotiate" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }

        using var page = await http.GetAsync(new Uri("/", UriKind.Relative), Token);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", await page.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("GET", "/api/nothing", 404)]
    [InlineData("GET", "/api/negotiate", 401)]
    [InlineData("GET", "/api/projects", 401)]
    public async Task What_the_api_refuses_it_refuses_in_one_form(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("PUT", "/api/projects/1/access/Ines", (4 * 1024) + 1, "body: at most 4096 bytes")]
    [InlineData("PUT", "/api/projects/1/access/Ines", 3 * 1024 * 1024, "body: at most 4096 bytes")]
    [InlineData("POST", "/api/projects?name=Move", (28 * 1024 * 1024) + 1, "body: at most 29360128 bytes")]
    public async Task A_body_in_chunks_beyond_the_limit_is_told_so(string method, string path, int bytes, string detail)
    {
        using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(new string(' ', bytes)));
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Development", "Hugo");
        request.Headers.TransferEncodingChunked = true;
        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal(detail, problem.RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_text_frame_that_is_not_utf8_closes_its_connection_with_1007()
    {
        await using var plan = await host.NewPlanAsync();
        var page = await plan.OpenAsync("Hugo");
        var other = await plan.OpenAsync("Ines");

        await page.Socket.SendAsync([(byte)'"', 0xC3, 0x28, (byte)'"'], WebSocketMessageType.Text);
        await page.Socket.ClosedAsync();

        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, page.Socket.CloseStatus);
        await other.ExpectAsync(await other.ChangeAsync(Say.Rename("10", "Still here")));
    }

    [Fact]
    public async Task A_client_beyond_a_rate_is_told_when_to_retry_and_others_continue()
    {
        await using var plan = await host.NewPlanAsync();
        var editor = await plan.OpenAsync("Ines");
        var flood = await plan.EnterAsync("Hugo");
        for (var message = 0; message < 250; message++)
        {
            await flood.SendAsync(Say.Version);
        }

        Frame answer;
        do
        {
            answer = await flood.NextAsync();
        } while (answer.Error is null);

        Assert.Equal("Too many messages; try again in 1 s", answer.Error);
        await editor.ExpectAsync(await editor.ChangeAsync(Say.Rename("10", "Undisturbed")));
    }
}
