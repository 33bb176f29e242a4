using ServerlessSync.Api.Users;

namespace ServerlessSync.Api.Tests;

/// <summary>What a browser lets a page of another origin do: the API's answers to preflights and to the calls themselves.</summary>
public sealed class Calling_from_a_page : IAsyncDisposable
{
    private readonly ApiWorld world = new(new DevelopmentUserAuthenticator());

    public static TheoryData<string> Endpoints { get; } = new("negotiate", "projects", "projects/7/access/Hugo", "health");

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_preflight_of_an_allowed_page_is_answered_without_a_token(string path)
    {
        var answer = await PreflightAsync(ApiWorld.Page, path);

        Assert.Equal((204, 0), (answer.Status, answer.Bytes.Length));
        Assert.Equal(ApiWorld.Page, answer.Headers.AccessControlAllowOrigin);
        Assert.Equal("GET,POST,PUT,DELETE", answer.Headers.AccessControlAllowMethods);
        Assert.Equal("Authorization,Content-Type", answer.Headers.AccessControlAllowHeaders);
        Assert.Equal("7200", answer.Headers.AccessControlMaxAge);
        Assert.Equal("Origin", answer.Headers.Vary);
        Assert.False(answer.Headers.ContainsKey("Access-Control-Allow-Credentials"));
        Assert.Empty(world.Requests.Take());
    }

    [Theory]
    [InlineData("http://plans.example.com")]
    [InlineData("https://plans.example.com:8443")]
    [InlineData("https://plans.example.com.evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task Another_page_gets_no_permission(string origin)
    {
        foreach (var answer in new[] { await PreflightAsync(origin, "negotiate"), await CallAsync(origin) })
        {
            Assert.DoesNotContain(answer.Headers, static header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
            Assert.Equal("Origin", answer.Headers.Vary);
        }
    }

    [Fact]
    public async Task An_allowed_page_reads_the_answers_and_the_headers_that_it_needs()
    {
        var answer = await CallAsync(ApiWorld.Page);

        Assert.Equal(200, answer.Status);
        Assert.Equal(ApiWorld.Page, answer.Headers.AccessControlAllowOrigin);
        Assert.Equal("Sync-Revision,Retry-After", answer.Headers.AccessControlExposeHeaders);
        Assert.Equal("Origin", answer.Headers.Vary);
    }

    [Fact]
    public async Task An_allowed_page_reads_why_a_call_is_refused()
    {
        world.Headers.Origin = ApiWorld.Page;

        var answer = await world.NegotiateAsync(string.Empty);

        Assert.Equal(401, answer.Status);
        Assert.Equal(ApiWorld.Page, answer.Headers.AccessControlAllowOrigin);
    }

    [Fact]
    public async Task A_client_that_is_no_page_is_served_as_before()
    {
        var answer = await world.NegotiateAsync("Hugo");

        Assert.Equal(200, answer.Status);
        Assert.False(answer.Headers.ContainsKey("Access-Control-Allow-Origin"));
        Assert.Equal("Origin", answer.Headers.Vary);
    }

    private Task<ApiAnswer> CallAsync(string origin)
    {
        world.Headers.Clear();
        world.Headers.Origin = origin;
        return world.NegotiateAsync("Hugo");
    }

    private Task<ApiAnswer> PreflightAsync(string origin, string path)
    {
        world.Headers.Clear();
        world.Headers.Origin = origin;
        world.Headers.AccessControlRequestMethod = "PUT";
        world.Headers.AccessControlRequestHeaders = "authorization,content-type";
        return path switch
        {
            "negotiate" => world.NegotiateAsync(string.Empty, "OPTIONS"),
            "health" => world.HealthAsync("OPTIONS"),
            _ => world.ProjectsAsync(string.Empty, "OPTIONS", path["projects".Length..]),
        };
    }
}
