using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Choosing_the_authenticator_of_callers
{
    private const string Key = "primary-key-primary-key-primary-key-1";
    private static readonly EntraCallerOptions Entra = new(
        new Guid(1, 0, 0, new byte[8]),
        new Guid(2, 0, 0, new byte[8]),
        new Guid(3, 0, 0, new byte[8])
    );

    [Fact]
    public void Nothing_configured_does_not_start() =>
        Assert.Throws<InvalidOperationException>(() => Create(new CallerAuthenticationOptions()));

    [Fact]
    public void An_incomplete_check_does_not_start_even_in_development() =>
        Assert.Throws<InvalidOperationException>(() =>
            Create(
                new CallerAuthenticationOptions { Entra = Entra with { Caller = Guid.Empty }, AllowAnyCaller = true }
            )
        );

    [Fact]
    public async Task In_development_every_caller_may_be_accepted() =>
        Assert.IsType<CallerVerdict.Accepted>(
            await Judge(new CallerAuthenticationOptions { AllowAnyCaller = true }, null)
        );

    [Fact]
    public async Task Development_does_not_loosen_a_check_that_is_configured()
    {
        var options = new CallerAuthenticationOptions { AccessKeys = [new AccessKey(Key)], AllowAnyCaller = true };
        Assert.IsType<CallerVerdict.Refused>(await Judge(options, null));
        Assert.IsType<CallerVerdict.Accepted>(await Judge(options, EventRequest.Signature(Key)));
    }

    [Fact]
    public async Task Either_of_two_checks_is_enough()
    {
        var options = new CallerAuthenticationOptions { AccessKeys = [new AccessKey(Key)], Entra = Entra };
        Assert.IsType<CallerVerdict.Accepted>(await Judge(options, EventRequest.Signature(Key)));
        var refused = Assert.IsType<CallerVerdict.Refused>(await Judge(options, null));
        Assert.Contains("bearer", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("ce-signature", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_cannot_be_made_now_outweighs_a_refusal()
    {
        var composite = new CompositeCallerAuthenticator([
            new Fixed(new CallerVerdict.Unavailable("no keys")),
            new Fixed(new CallerVerdict.Refused("no signature")),
        ]);
        var verdict = await composite.AuthenticateAsync(new HeaderDictionary(), TestContext.Current.CancellationToken);
        Assert.IsType<CallerVerdict.Unavailable>(verdict);
    }

    [Fact]
    public void A_composite_of_none_is_refused() =>
        Assert.Throws<ArgumentException>(() => new CompositeCallerAuthenticator([]));

    [Fact]
    public void Keys_are_those_of_the_tenant() =>
        Assert.Equal(
            "https://login.microsoftonline.com/00000001-0000-0000-0000-000000000000/v2.0/.well-known/openid-configuration",
            Entra.MetadataAddress
        );

    private static ICallerAuthenticator Create(CallerAuthenticationOptions options) =>
        CallerAuthentication.Create(
            options,
            _ => new StaticConfigurationManager<OpenIdConnectConfiguration>(new OpenIdConnectConfiguration()),
            new FakeTimeProvider(),
            NullLoggerFactory.Instance
        );

    private static async Task<CallerVerdict> Judge(CallerAuthenticationOptions options, string? signature)
    {
        var headers = new HeaderDictionary
        {
            ["ce-connectionId"] = EventRequest.Connection,
            ["ce-signature"] = signature,
        };
        return await Create(options).AuthenticateAsync(headers, TestContext.Current.CancellationToken);
    }

    private sealed class Fixed(CallerVerdict verdict) : ICallerAuthenticator
    {
        public ValueTask<CallerVerdict> AuthenticateAsync(
            IHeaderDictionary headers,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(verdict);
    }
}
