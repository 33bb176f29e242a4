using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServerlessSync.Api.Http;
using ServerlessSync.Composition.Settings;

namespace ServerlessSync.Composition.Tests;

/// <summary>Which pages may call the API, by the settings and by the host.</summary>
public sealed class Allowing_pages
{
    private const string Plans = "https://plans.example.com";

    [Theory]
    [InlineData(Plans, true)]
    [InlineData("http://localhost:5173", false)]
    [InlineData("https://other.example.com", false)]
    public async Task In_Azure_listed_pages_may_call(string origin, bool allowed) =>
        Assert.Equal(allowed, await MayCallAsync(origin, new HostParts(), Plans));

    [Theory]
    [InlineData(Plans)]
    [InlineData("http://localhost:5173")]
    public async Task In_Azure_no_page_may_call_unless_it_is_listed(string origin) =>
        Assert.False(await MayCallAsync(origin, new HostParts()));

    [Theory]
    [InlineData("http://localhost:5173", true)]
    [InlineData("http://127.0.0.1:3000", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("http://localhost", true)]
    [InlineData(Plans, true)]
    [InlineData("https://other.example.com", false)]
    [InlineData("http://localhost.example.com:5173", false)]
    [InlineData("http://10.0.0.1:5173", false)]
    [InlineData("null", false)]
    public async Task On_a_developers_machine_its_own_pages_may_call_on_any_port(string origin, bool allowed) =>
        Assert.Equal(allowed, await MayCallAsync(origin, new HostParts { AllowsThisMachine = true }, Plans));

    private static async Task<bool> MayCallAsync(string origin, HostParts parts, params string[] listed)
    {
        var read = SettingsReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    [
                        new("Sync:Tables:ConnectionString", "UseDevelopmentStorage=true"),
                        new("Sync:WebPubSub:ConnectionString", "Endpoint=http://127.0.0.1:8080;AccessKey=0123456789abcdef0123456789abcdef;Version=1.0;"),
                        .. listed.Select(static (page, index) => KeyValuePair.Create($"Sync:AllowedOrigins:{index}", (string?)page)),
                    ]
                )
                .Build()
        );
        await using var services = new ServiceCollection()
            .AddServerlessSync(Assert.IsType<SettingsResult.Valid>(read).Settings, parts)
            .BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = HttpMethods.Options;
        context.Request.Headers.Origin = origin;
        context.Request.Headers.AccessControlRequestMethod = HttpMethods.Post;

        await services.GetRequiredService<NegotiateEndpoint>().HandleAsync(context);

        Assert.Equal(StatusCodes.Status204NoContent, context.Response.StatusCode);
        return context.Response.Headers.AccessControlAllowOrigin == origin;
    }
}
