using Microsoft.IdentityModel.JsonWebTokens;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

public sealed class Signing_calls
{
    private static readonly GroupName Group = new("g ä");

    [Fact]
    public async Task A_call_is_signed_for_its_complete_address_and_five_minutes()
    {
        using var service = new FakeService().Answers(202);
        var audience = new Audience.Except([new ConnectionId("x")]);
        await service.Gateway().SendToGroupAsync(Group, "{}"u8.ToArray(), audience, Token);
        var result = await TokenCheck.ValidateAsync(service.Only.Token, FakeService.Key, service.Only.Url);
        Assert.True(result.IsValid, result.Exception?.Message);
        var token = (JsonWebToken)result.SecurityToken;
        Assert.Equal("HS256", token.Alg);
        Assert.Equal(FakeService.Now.AddMinutes(5).UtcDateTime, token.ValidTo);
        Assert.Equal(FakeService.Now.UtcDateTime, token.ValidFrom);
        Assert.EndsWith("&excluded=x", service.Only.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_key_or_address_does_not_fit()
    {
        using var service = new FakeService().Answers(202);
        await service.Gateway().SendToGroupAsync(Group, "{}"u8.ToArray(), Audience.All, Token);
        Assert.False(
            (await TokenCheck.ValidateAsync(service.Only.Token, FakeService.Key + "!", service.Only.Url)).IsValid
        );
        Assert.False(
            (await TokenCheck.ValidateAsync(service.Only.Token, FakeService.Key, service.Only.Url + "&x=1")).IsValid
        );
    }

    [Fact]
    public async Task An_identity_brings_its_own_token()
    {
        using var service = new FakeService().Answers(202);
        var credential = new FakeCredential("entra-token");
        var plane = DataPlane.FromCredential(
            new Uri("https://sync.webpubsub.azure.com"),
            credential,
            HubName.Parse("sync"),
            service.Options()
        );
        await new RestClientGateway(plane).SendToGroupAsync(Group, "{}"u8.ToArray(), Audience.All, Token);
        Assert.Equal("Bearer entra-token", service.Only.Authorization);
        Assert.Equal(["https://webpubsub.azure.com/.default"], credential.Scopes);
    }

    [Theory]
    [InlineData("http://sync.webpubsub.azure.com")]
    [InlineData("https://sync.webpubsub.azure.com/path")]
    public void An_identity_needs_a_bare_https_address(string endpoint) =>
        Assert.Throws<ArgumentException>(() =>
            DataPlane.FromCredential(new Uri(endpoint), new FakeCredential("t"), HubName.Parse("sync"))
        );

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
