using System.Text.RegularExpressions;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

public sealed class Keeping_groups
{
    private const string Hub = "https://sync.webpubsub.azure.com/api/hubs/sync";
    private const string Version = "?api-version=2024-12-01";
    private static readonly GroupName Group = new("p.sA.1");
    private static readonly ConnectionId Connection = new("c 1");

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, false)]
    public async Task Adding_reports_whether_the_connection_exists(int status, bool added)
    {
        using var service = new FakeService().Answers(status);
        Assert.Equal(added, await service.Gateway().AddToGroupAsync(Group, Connection, Token));
        Assert.Equal("PUT", service.Only.Method);
        Assert.Equal($"{Hub}/groups/p.sA.1/connections/c%201{Version}", service.Only.Url);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(404)]
    public async Task Removing_what_is_gone_is_no_error(int status)
    {
        using var service = new FakeService().Answers(status);
        await service.Gateway().RemoveFromGroupAsync(Group, Connection, Token);
        Assert.Equal("DELETE", service.Only.Method);
        Assert.Equal($"{Hub}/groups/p.sA.1/connections/c%201{Version}", service.Only.Url);
    }

    [Fact]
    public async Task Moving_adds_to_the_target_and_then_empties_the_sources()
    {
        using var service = new FakeService().Answers(200).Answers(200);
        await service.Gateway().MoveGroupAsync([new GroupName("a'b"), new GroupName("c")], new GroupName("d"), Token);
        Assert.Equal(["POST", "POST"], service.Requests.Select(request => request.Method), StringComparer.Ordinal);
        Assert.Equal(
            [$"{Hub}/:addToGroups{Version}", $"{Hub}/:removeFromGroups{Version}"],
            service.Requests.Select(request => request.Url),
            StringComparer.Ordinal
        );
        Assert.All(service.Requests, request => Assert.Equal("application/json", request.ContentType));
        using var added = System.Text.Json.JsonDocument.Parse(service.Requests[0].Body!);
        using var removed = System.Text.Json.JsonDocument.Parse(service.Requests[1].Body!);
        Assert.Equal("""["d"]""", added.RootElement.GetProperty("groups").GetRawText());
        Assert.Equal("'a''b' in groups or 'c' in groups", added.RootElement.GetProperty("filter").GetString());
        Assert.Equal("""["a'b","c"]""", Regex.Unescape(removed.RootElement.GetProperty("groups").GetRawText()));
        Assert.Equal("'a''b' in groups or 'c' in groups", removed.RootElement.GetProperty("filter").GetString());
    }

    [Fact]
    public async Task A_move_whose_first_half_failed_empties_nothing()
    {
        using var service = new FakeService().Answers(500);
        await Assert.ThrowsAsync<GatewayException>(() =>
            service.Gateway().MoveGroupAsync([Group], new GroupName("d"), Token)
        );
        Assert.EndsWith($"/:addToGroups{Version}", service.Only.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_move_of_none_too_many_or_into_itself_is_refused()
    {
        using var service = new FakeService();
        var many = Enumerable.Repeat(new GroupName("a"), RestClientGateway.MovedGroupsMax + 1).ToArray();
        await Assert.ThrowsAsync<ArgumentException>(() => service.Gateway().MoveGroupAsync([], Group, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => service.Gateway().MoveGroupAsync(many, Group, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => service.Gateway().MoveGroupAsync([Group], Group, Token));
        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, false)]
    public async Task A_probe_asks_for_no_body(int status, bool exists)
    {
        using var service = new FakeService().Answers(status);
        Assert.Equal(exists, await service.Gateway().ConnectionExistsAsync(Connection, Token));
        Assert.Equal("HEAD", service.Only.Method);
        Assert.Equal($"{Hub}/connections/c%201{Version}", service.Only.Url);
    }

    [Fact]
    public async Task A_probe_that_fails_does_not_say_that_the_connection_is_gone()
    {
        using var service = new FakeService().Answers(401);
        await Assert.ThrowsAsync<GatewayException>(() => service.Gateway().ConnectionExistsAsync(Connection, Token));
    }

    [Fact]
    public async Task Closing_gives_the_reason()
    {
        using var service = new FakeService().Answers(204);
        await service.Gateway().CloseConnectionAsync(Connection, "too slow & old", Token);
        Assert.Equal("DELETE", service.Only.Method);
        Assert.Equal($"{Hub}/connections/c%201{Version}&reason=too%20slow%20%26%20old", service.Only.Url);
    }

    [Fact]
    public async Task Closing_a_connection_that_is_gone_already_is_no_failure()
    {
        using var service = new FakeService().Answers(404);
        await service.Gateway().CloseConnectionAsync(Connection, "too slow", Token);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_reason_over_the_limit_is_refused()
    {
        using var service = new FakeService();
        var reason = new string('x', RestClientGateway.CloseReasonCharsMax + 1);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            service.Gateway().CloseConnectionAsync(Connection, reason, Token)
        );
        Assert.Empty(service.Requests);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
