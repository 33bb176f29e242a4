using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

public sealed class Listing_a_group
{
    private const string List = "https://sync.webpubsub.azure.com/api/hubs/sync/groups/g/connections";
    private const string First = List + "?api-version=2024-12-01&maxpagesize=200";

    [Fact]
    public async Task Pages_are_followed_to_the_end()
    {
        const string next = List + "?api-version=2024-12-01&continuationToken=x%2F1";
        using var service = new FakeService()
            .Answers(
                200,
                $$"""{"value":[{"connectionId":"a","userId":"u"},{"connectionId":"b"}],"nextLink":"{{next}}"}"""
            )
            .Answers(200, """{"value":[{"connectionId":"c"}],"nextLink":null}""");
        Assert.Equal(["a", "b", "c"], await All(service), StringComparer.Ordinal);
        Assert.Equal([First, next], service.Requests.Select(request => request.Url), StringComparer.Ordinal);
        Assert.All(service.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task A_group_that_does_not_exist_is_empty()
    {
        using var service = new FakeService().Answers(404);
        Assert.Empty(await All(service));
    }

    [Fact]
    public async Task Each_page_is_signed_for_its_own_address()
    {
        using var service = new FakeService()
            .Answers(200, """{"value":[],"nextLink":"/api/hubs/sync/groups/g/connections?continuationToken=2"}""")
            .Answers(200, """{"value":[]}""");
        await All(service);
        Assert.Equal(List + "?continuationToken=2", service.Requests[1].Url);
        Assert.NotEqual(service.Requests[0].Token, service.Requests[1].Token, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/api/hubs/sync/groups/g/connections?x=1")]
    [InlineData("https://sync.webpubsub.azure.com.evil.example/api/hubs/sync/groups/g/connections")]
    [InlineData("http://sync.webpubsub.azure.com/api/hubs/sync/groups/g/connections")]
    [InlineData("https://sync.webpubsub.azure.com:444/api/hubs/sync/groups/g/connections")]
    [InlineData("https://user@sync.webpubsub.azure.com/api/hubs/sync/groups/g/connections")]
    [InlineData("https://sync.webpubsub.azure.com/api/hubs/other/groups/g/connections")]
    [InlineData("//evil.example/api/hubs/sync/groups/g/connections")]
    public async Task A_link_that_leaves_the_listing_is_not_followed(string link)
    {
        using var service = new FakeService().Answers(200, $$"""{"value":[],"nextLink":"{{link}}"}""");
        await Assert.ThrowsAsync<GatewayException>(() => All(service));
        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"value":7}""")]
    [InlineData("""{"value":[{}]}""")]
    [InlineData("not json")]
    public async Task An_unreadable_page_is_an_error(string page)
    {
        using var service = new FakeService().Answers(200, page);
        await Assert.ThrowsAsync<GatewayException>(() => All(service));
    }

    [Fact]
    public async Task Links_in_a_circle_come_to_an_end()
    {
        using var service = new FakeService();
        for (var page = 0; page < 1001; page++)
        {
            service.Answers(200, $$"""{"value":[],"nextLink":"{{List}}?a=1"}""");
        }

        await Assert.ThrowsAsync<GatewayException>(() => All(service));
        Assert.Equal(1000, service.Requests.Count);
    }

    private static async Task<List<string>> All(FakeService service)
    {
        var connections = new List<string>();
        var listing = service.Gateway().ListGroupAsync(new GroupName("g"), TestContext.Current.CancellationToken);
        await foreach (var connection in listing)
        {
            connections.Add(connection.Value);
        }

        return connections;
    }
}
