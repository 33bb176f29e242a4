using System.Web;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Gateway;
using ServerlessSync.WebPubSub.Tests.Gateway;
using ServerlessSync.WebPubSub.Tokens;

namespace ServerlessSync.WebPubSub.Tests.Tokens;

public sealed class Giving_client_urls
{
    private const string Audience = "https://sync.webpubsub.azure.com/client/hubs/sync";
    private static readonly TokenLifetime TenMinutes = new(10);

    [Fact]
    public async Task A_signed_url_names_user_groups_and_roles()
    {
        var request = new ClientAccessRequest("Jörg & Söhne") { Groups = ["g1", "g2"], Roles = ["r"] };
        var access = await Signed().CreateAsync(request, Token);
        Assert.StartsWith(
            "wss://sync.webpubsub.azure.com/client/hubs/sync?access_token=",
            access.Url.AbsoluteUri,
            StringComparison.Ordinal
        );
        Assert.Equal(FakeService.Now.AddMinutes(10), access.Expires);
        var result = await Validate(access, FakeService.Key, Audience);
        Assert.True(result.IsValid, result.Exception?.Message);
        var token = (JsonWebToken)result.SecurityToken;
        Assert.Equal("Jörg & Söhne", token.Subject);
        Assert.Equal(FakeService.Now.AddMinutes(10).UtcDateTime, token.ValidTo);
        Assert.Equal(
            ["g1", "g2"],
            token.Claims.Where(claim => claim.Type is "webpubsub.group").Select(claim => claim.Value),
            StringComparer.Ordinal
        );
        Assert.Equal("""["r"]""", token.GetPayloadValue<System.Text.Json.JsonElement>("role").GetRawText());
    }

    [Fact]
    public async Task A_url_without_a_user_has_a_minimal_token()
    {
        var access = await Signed().CreateAsync(new ClientAccessRequest(null), Token);
        var claims = new JsonWebToken(TokenOf(access)).Claims.Select(claim => claim.Type);
        Assert.Equal(["aud", "exp", "iat", "nbf"], claims.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_url_of_an_unencrypted_service_keeps_scheme_and_port()
    {
        var connection = ServiceConnectionString.Parse($"Endpoint=http://localhost:8080;AccessKey={FakeService.Key}");
        var source = new AccessKeyTokenSource(
            connection,
            HubName.Parse("Sync"),
            TenMinutes,
            new FakeTimeProvider(FakeService.Now)
        );
        var access = await source.CreateAsync(new ClientAccessRequest("u"), Token);
        Assert.StartsWith(
            "ws://localhost:8080/client/hubs/sync?access_token=",
            access.Url.AbsoluteUri,
            StringComparison.Ordinal
        );
        Assert.True((await Validate(access, FakeService.Key, "http://localhost:8080/client/hubs/sync")).IsValid);
    }

    [Fact]
    public async Task Another_key_or_audience_does_not_fit()
    {
        var access = await Signed().CreateAsync(new ClientAccessRequest("u"), Token);
        Assert.False((await Validate(access, FakeService.Key + "!", Audience)).IsValid);
        Assert.False((await Validate(access, FakeService.Key, Audience + "2")).IsValid);
    }

    [Fact]
    public async Task The_service_is_asked_when_there_is_no_key()
    {
        using var service = new FakeService().Answers(200, """{"token":"a.b+c"}""");
        var request = new ClientAccessRequest("u & v") { Groups = ["g1", "g2"], Roles = ["r"] };
        var access = await Asking(service).CreateAsync(request, Token);
        Assert.Equal("POST", service.Only.Method);
        Assert.Equal(
            "https://sync.webpubsub.azure.com/api/hubs/sync/:generateToken?api-version=2024-12-01"
                + "&userId=u%20%26%20v&role=r&group=g1&group=g2&minutesToExpire=10",
            service.Only.Url
        );
        Assert.Equal("Bearer entra", service.Only.Authorization);
        Assert.Equal("wss://sync.webpubsub.azure.com/client/hubs/sync?access_token=a.b%2Bc", access.Url.AbsoluteUri);
        Assert.Equal(FakeService.Now.AddMinutes(10), access.Expires);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":7}""")]
    [InlineData("""{"token":"secret-token" """)]
    public async Task An_answer_without_a_token_is_an_error_that_quotes_nothing(string answer)
    {
        using var service = new FakeService().Answers(200, answer);
        var exception = await Assert.ThrowsAsync<GatewayException>(() =>
            Asking(service).CreateAsync(new ClientAccessRequest("u"), Token)
        );
        Assert.DoesNotContain("secret-token", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_are_checked_before_the_call()
    {
        using var service = new FakeService();
        ClientAccessRequest[] requests =
        [
            new(""),
            new(new string('u', ClientAccessRequest.UserCharsMax + 1)),
            new("u") { Groups = [.. Enumerable.Repeat("g", ClientAccessRequest.NamesMax + 1)] },
            new("u") { Roles = [new string('r', ClientAccessRequest.NameCharsMax + 1)] },
        ];
        foreach (var request in requests)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => Asking(service).CreateAsync(request, Token));
            await Assert.ThrowsAsync<ArgumentException>(() => Signed().CreateAsync(request, Token));
        }

        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(61)]
    public void A_lifetime_has_limits(int minutes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenLifetime(minutes));

    [Fact]
    public async Task The_text_form_leaves_the_token_out()
    {
        var access = await Signed().CreateAsync(new ClientAccessRequest("u"), Token);
        Assert.DoesNotContain(TokenOf(access), access.ToString(), StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static AccessKeyTokenSource Signed() =>
        new(
            ServiceConnectionString.Parse($"Endpoint=https://sync.webpubsub.azure.com;AccessKey={FakeService.Key}"),
            HubName.Parse("sync"),
            TenMinutes,
            new FakeTimeProvider(FakeService.Now)
        );

    private static EntraTokenSource Asking(FakeService service) =>
        new(
            DataPlane.FromCredential(
                new Uri("https://sync.webpubsub.azure.com"),
                new FakeCredential("entra"),
                HubName.Parse("sync"),
                service.Options()
            ),
            TenMinutes,
            service.Time
        );

    private static string TokenOf(ClientAccess access) =>
        HttpUtility.ParseQueryString(access.Url.Query)["access_token"]!;

    private static Task<TokenValidationResult> Validate(ClientAccess access, string key, string audience) =>
        TokenCheck.ValidateAsync(TokenOf(access), key, audience);
}
