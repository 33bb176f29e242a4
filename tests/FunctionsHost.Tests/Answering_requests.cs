using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessSync.FunctionsHost.Tests;

/// <summary>Requests at the front door, through the worker and back.</summary>
public sealed class Answering_requests(App app) : IDisposable
{
    private const string Connection = "connection-1";

    private readonly HttpClient http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task Health_is_answered_with_the_headers_that_host_json_adds()
    {
        using var answer = await http.GetAsync(await UrlAsync("health"), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"status\":\"ok\"", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task The_handshake_of_the_service_is_answered_with_the_one_host_that_is_configured()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, await UrlAsync("eventhandler/validate"));
        request.Headers.Add("WebHook-Request-Origin", App.Service);

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([App.Service], answer.Headers.GetValues("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task An_event_without_the_services_signature_is_answered_401()
    {
        using var request = await MessageAsync("""{"command":"version"}"""u8.ToArray(), signature: null);

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_message_is_answered_as_the_function_answers_it()
    {
        using var request = await MessageAsync("""{"command":"version","data":{}}"""u8.ToArray(), Signature());

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"command\":\"version\"", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_above_1_MiB_is_answered_413()
    {
        using var request = await MessageAsync(new byte[(1024 * 1024) + 1], Signature());

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "nothing")]
    [InlineData("GET", "eventhandler/message")]
    [InlineData("DELETE", "health")]
    public async Task What_no_function_takes_is_answered_404(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), await UrlAsync(path));

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("negotiate")]
    [InlineData("projects")]
    [InlineData("projects/7/access/Hugo")]
    [InlineData("health")]
    public async Task The_preflight_of_a_page_of_this_machine_is_answered_by_the_app(string path)
    {
        using var answer = await PreflightAsync(path, "http://localhost:5173");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(["http://localhost:5173"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["Authorization,Content-Type"], answer.Headers.GetValues("Access-Control-Allow-Headers"));
        Assert.Equal(["GET,POST,PUT,DELETE"], answer.Headers.GetValues("Access-Control-Allow-Methods"));
        Assert.Equal(["Origin"], answer.Headers.Vary);
    }

    [Fact]
    public async Task The_preflight_of_another_page_gets_no_permission()
    {
        using var answer = await PreflightAsync("negotiate", "https://evil.example");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, static header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_page_of_this_machine_reads_what_the_app_answers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, await UrlAsync("health"));
        request.Headers.Add("Origin", "http://127.0.0.1:3000");

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["http://127.0.0.1:3000"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("negotiate")]
    [InlineData("projects")]
    public async Task Without_an_identity_provider_the_answer_names_the_settings_that_are_missing(string path)
    {
        using var answer = await http.GetAsync(await UrlAsync(path), Token);

        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("Sync__Negotiate__Issuer", problem, StringComparison.Ordinal);
        Assert.Contains("Sync__Negotiate__Audience", problem, StringComparison.Ordinal);
    }

    private async Task<HttpRequestMessage> MessageAsync(byte[] body, string? signature)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, await UrlAsync("eventhandler/message"))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("WebHook-Request-Origin", App.Service);
        request.Headers.Add("ce-specversion", "1.0");
        request.Headers.Add("ce-awpsversion", "1.0");
        request.Headers.Add("ce-type", "azure.webpubsub.user.message");
        request.Headers.Add("ce-source", $"/hubs/sync/client/{Connection}");
        request.Headers.Add("ce-id", "1");
        request.Headers.Add("ce-time", "2027-01-04T09:00:00Z");
        request.Headers.Add("ce-connectionId", Connection);
        request.Headers.Add("ce-hub", "sync");
        request.Headers.Add("ce-eventName", "message");
        if (signature is not null)
        {
            request.Headers.Add("ce-signature", signature);
        }

        return request;
    }

    private async Task<HttpResponseMessage> PreflightAsync(string path, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, await UrlAsync(path));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return await http.SendAsync(request, Token);
    }

    private async Task<Uri> UrlAsync(string path) => new((await app.HostAsync()).Url, path);

    private static string Signature()
    {
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(App.Key), Encoding.UTF8.GetBytes(Connection));
        return $"sha256={Convert.ToHexStringLower(hash)}";
    }
}
