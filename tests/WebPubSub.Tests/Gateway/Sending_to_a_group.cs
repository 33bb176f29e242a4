using System.Text;
using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

public sealed class Sending_to_a_group
{
    private const string Group =
        "https://sync.webpubsub.azure.com/api/hubs/sync/groups/p.n7.0/:send?api-version=2024-12-01";
    private static readonly GroupName Project = new("p.n7.0");
    private static readonly byte[] Frame = Encoding.UTF8.GetBytes("""{"command":"hallo","text":"ä"}""");

    [Fact]
    public async Task A_frame_leaves_as_JSON_of_known_length()
    {
        using var service = new FakeService().Answers(202);
        await service.Gateway().SendToGroupAsync(Project, Frame, Audience.All, Token);
        var sent = service.Only;
        Assert.Equal("POST", sent.Method);
        Assert.Equal(Group, sent.Url);
        Assert.Equal("application/json", sent.ContentType);
        Assert.Equal(Frame.Length, sent.ContentLength);
        Assert.Equal(Encoding.UTF8.GetString(Frame), sent.Body);
    }

    [Fact]
    public async Task Excluded_connections_are_named_one_by_one()
    {
        using var service = new FakeService().Answers(204);
        var audience = new Audience.Except([new ConnectionId("a/1"), new ConnectionId("b&2")]);
        await service.Gateway().SendToGroupAsync(Project, Frame, audience, Token);
        Assert.Equal(Group + "&excluded=a%2F1&excluded=b%262", service.Only.Url);
    }

    [Fact]
    public async Task A_personal_frame_is_a_group_send_with_a_filter()
    {
        using var service = new FakeService().Answers(202);
        await service.Gateway().SendToGroupAsync(Project, Frame, new Audience.Only(new ConnectionId("it's")), Token);
        var filter = new Uri(service.Only.Url).Query.Split("&filter=")[1];
        Assert.Equal("connectionId eq 'it''s'", Uri.UnescapeDataString(filter));
        Assert.DoesNotContain("excluded", service.Only.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_exclusion_limit_is_checked_before_the_call()
    {
        using var service = new FakeService().Answers(202);
        var gateway = service.Gateway();
        await gateway.SendToGroupAsync(Project, Frame, Except(GatewayLimits.ExcludedConnectionsMax), Token);
        var over = Except(GatewayLimits.ExcludedConnectionsMax + 1);
        var exception = await Assert.ThrowsAsync<ArgumentException>(() =>
            gateway.SendToGroupAsync(Project, Frame, over, Token)
        );
        Assert.Contains("60", exception.Message, StringComparison.Ordinal);
        Assert.Single(service.Requests);

        static Audience Except(int count) =>
            new Audience.Except([.. Enumerable.Range(0, count).Select(number => new ConnectionId($"c{number}"))]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(GatewayLimits.MessageBytesMax, true)]
    [InlineData(GatewayLimits.MessageBytesMax + 1, false)]
    public async Task The_size_limit_is_checked_before_the_call(int bytes, bool sent)
    {
        using var service = new FakeService().Answers(202);
        var exception = await Record.ExceptionAsync(() =>
            service.Gateway().SendToGroupAsync(Project, new byte[bytes], Audience.All, Token)
        );
        if (!sent)
        {
            Assert.Contains("1048576", Assert.IsType<ArgumentException>(exception).Message, StringComparison.Ordinal);
        }

        Assert.Equal(sent ? 1 : 0, service.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task A_name_that_would_change_the_path_is_refused(string name)
    {
        using var service = new FakeService();
        await Assert.ThrowsAsync<ArgumentException>(() =>
            service.Gateway().SendToGroupAsync(new GroupName(name), Frame, Audience.All, Token)
        );
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_name_is_escaped_in_the_path()
    {
        using var service = new FakeService().Answers(202);
        await service.Gateway().SendToGroupAsync(new GroupName("a/../b?c#d e%"), Frame, Audience.All, Token);
        Assert.Contains("/groups/a%2F..%2Fb%3Fc%23d%20e%25/:send?", service.Only.Url, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
