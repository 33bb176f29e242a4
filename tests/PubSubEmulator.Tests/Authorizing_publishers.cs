using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Authorizing_publishers : IAsyncLifetime
{
    private const string Path = "/api/hubs/sync/users/ann";

    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync() => host = await EmulatorHost.StartAsync(EmulatorHost.Options());

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("http", "?api-version=2024-12-01")]
    [InlineData("https", "?api-version=2024-12-01")]
    [InlineData("http", "")]
    public async Task The_audience_is_the_url_with_or_without_its_query(string scheme, string query)
    {
        var token = host.Sign($"{scheme}://{host.Authority}{Path}{query}");

        Assert.Equal(404, await HeadAsync(token));
    }

    [Fact]
    public async Task The_audience_ignores_case_and_escapes()
    {
        var url = $"{host.Url}/api/hubs/sync/users/Zo%C3%AB?api-version=2024-12-01";

        using var response = await host.RawRestAsync(
            "HEAD",
            url,
            host.Sign($"HTTP://{host.Authority}/API/hubs/SYNC/users/zoë")
        );

        Assert.Equal(404, (int)response.StatusCode);
    }

    [Fact]
    public async Task Anything_else_is_refused_with_401()
    {
        string?[] tokens =
        [
            null,
            "nonsense",
            host.Sign(host.Url + Path, key: "another key"),
            host.Sign(host.Url + "/api/hubs/sync/users/bob"),
            host.Sign("http://elsewhere" + Path),
            host.Token(),
            host.Sign(host.Url + Path + "?api-version=2021-10-01"),
        ];

        foreach (var token in tokens)
        {
            Assert.Equal(401, await HeadAsync(token));
        }
    }

    [Theory]
    [InlineData("?api-version=2021-10-01", 404)]
    [InlineData("?api-version=2024-01-01", 404)]
    [InlineData("?api-version=1999-01-01", 400)]
    [InlineData("", 400)]
    public async Task Only_known_versions_are_served(string query, int status)
    {
        using var response = await host.RawRestAsync("HEAD", host.Url + Path + query, host.Sign(host.Url + Path));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Health_needs_no_token()
    {
        using var response = await host.RawRestAsync(
            "HEAD",
            host.Url + "/api/health?" + EmulatorHost.Version,
            token: null
        );

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Another_hub_is_not_there()
    {
        var url = $"{host.Url}/api/hubs/other/users/ann?{EmulatorHost.Version}";

        using var response = await host.RawRestAsync("HEAD", url, host.Sign(url));

        Assert.Equal("Error.Hub.NotExisted", Assert.Single(response.Headers.GetValues("x-ms-error-code")));
    }

    private async Task<int> HeadAsync(string? token)
    {
        using var response = await host.RawRestAsync("HEAD", $"{host.Url}{Path}?{EmulatorHost.Version}", token);
        return (int)response.StatusCode;
    }
}
