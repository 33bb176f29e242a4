using Azure.Core;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

public sealed class Failing_calls
{
    private static readonly GroupName Group = new("g");
    private static readonly byte[] Frame = "{}"u8.ToArray();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_status_that_others_would_retry_is_one_request_and_one_error(int status)
    {
        using var service = new FakeService().Answers(status);
        var exception = await Failure(service);
        Assert.Single(service.Requests);
        Assert.Contains($"{status}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("send to group", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_answer_is_one_request_and_one_error()
    {
        using var service = new FakeService().Does(_ => throw new HttpRequestException("reset by peer"));
        var exception = await Failure(service);
        Assert.Single(service.Requests);
        Assert.NotNull(exception.InnerException);
    }

    [Fact]
    public async Task Retries_that_a_caller_switches_on_stay_off()
    {
        using var service = new FakeService().Answers(503).Answers(202);
        var options = service.Options();
        options.Retry.MaxRetries = 5;
        var gateway = new RestClientGateway(service.Plane(options: options));
        await Assert.ThrowsAsync<GatewayException>(() => gateway.SendToGroupAsync(Group, Frame, Audience.All, Token));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task No_answer_in_time_is_an_error_and_no_cancellation()
    {
        using var service = new FakeService().Does(Forever);
        var options = service.Options();
        options.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(1);
        var gateway = new RestClientGateway(service.Plane(options: options));
        await Assert.ThrowsAsync<GatewayException>(() => gateway.SendToGroupAsync(Group, Frame, Audience.All, Token));
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task A_caller_that_cancels_gets_its_cancellation()
    {
        using var cancelling = new CancellationTokenSource();
        using var service = new FakeService().Does(async token =>
        {
            await cancelling.CancelAsync();
            return await Forever(token);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            service.Gateway().SendToGroupAsync(Group, Frame, Audience.All, cancelling.Token)
        );
    }

    [Fact]
    public void A_call_ends_before_half_of_the_lease() =>
        Assert.True(new DataPlaneOptions().Retry.NetworkTimeout < TimeSpan.FromSeconds(5) / 2);

    [Fact]
    public async Task The_error_code_of_the_header_is_reported()
    {
        using var service = new FakeService().Answers(400, errorCode: "Error.Bad");
        Assert.Contains("(Error.Bad)", (await Failure(service)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"code":"Error.BadRequest","message":"m"}""", "(Error.BadRequest)")]
    [InlineData("""{"error":{"code":"Error.Nested","message":"m"}}""", "(Error.Nested)")]
    [InlineData("""{"code":"two words\n"}""", "answered 400 to")]
    [InlineData("""{"code":7}""", "answered 400 to")]
    [InlineData("[]", "answered 400 to")]
    [InlineData("<html>", "answered 400 to")]
    public async Task The_error_code_of_the_body_is_reported_when_it_is_one(string body, string told)
    {
        using var service = new FakeService().Answers(400, body);
        Assert.Contains(told, (await Failure(service)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_error_shows_the_key_or_a_token()
    {
        using var service = new FakeService().Answers(401, $$"""{"message":"{{FakeService.Key}}"}""");
        var text = (await Failure(service)).ToString();
        Assert.DoesNotContain(FakeService.Key, text, StringComparison.Ordinal);
        Assert.DoesNotContain(service.Only.Token, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_that_fails_is_a_gateway_error()
    {
        using var service = new FakeService();
        var plane = DataPlane.FromCredential(
            new Uri("https://sync.webpubsub.azure.com"),
            new BrokenCredential(),
            HubName.Parse("sync"),
            service.Options()
        );
        await Assert.ThrowsAsync<GatewayException>(() =>
            new RestClientGateway(plane).SendToGroupAsync(Group, Frame, Audience.All, Token)
        );
        Assert.Empty(service.Requests);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<GatewayException> Failure(FakeService service) =>
        await Assert.ThrowsAsync<GatewayException>(() =>
            service.Gateway().SendToGroupAsync(Group, Frame, Audience.All, Token)
        );

    private static async Task<HttpResponseMessage> Forever(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("Never.");
    }

    private sealed class BrokenCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("no identity here");

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => throw new InvalidOperationException("no identity here");
    }
}
