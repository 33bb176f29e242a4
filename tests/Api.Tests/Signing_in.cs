using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessSync.Api.Users;

namespace ServerlessSync.Api.Tests;

public sealed class Signing_in : IDisposable
{
    private const string EntraVersion1 = "https://sts.windows.net/00000000-0000-0000-0000-000000000001/";

    private readonly Provider provider = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2027, 4, 5, 8, 0, 0, TimeSpan.Zero));

    public void Dispose() => provider.Dispose();

    [Fact]
    public async Task A_token_of_the_provider_names_the_person()
    {
        var verdict = await JudgeAsync(provider.Token("ines@example.com", time.GetUtcNow()));

        Assert.Equal("ines@example.com", Assert.IsType<UserVerdict.Known>(verdict).User);
    }

    [Fact]
    public async Task The_claim_that_names_the_person_can_be_chosen()
    {
        var token = provider.Token("4f0c1d2e", time.GetUtcNow(), claim: "oid");

        Assert.IsType<UserVerdict.Refused>(await JudgeAsync(token));
        Assert.Equal("4f0c1d2e", Assert.IsType<UserVerdict.Known>(await JudgeAsync(token, nameClaim: "oid")).User);
    }

    public static TheoryData<string> Wrong { get; } =
        new("another issuer", "another audience", "expired", "not yet valid", "another key", "no name", "a name of 101 characters", "unsigned");

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_token_with_one_fault_authenticates_no_user(string what)
    {
        using var stranger = new Provider();
        var now = time.GetUtcNow();
        var token = what switch
        {
            "another issuer" => provider.Token("ines", now, issuer: "https://login.example.org"),
            "another audience" => provider.Token("ines", now, audience: "api://other"),
            "expired" => provider.Token("ines", now - TimeSpan.FromHours(2)),
            "not yet valid" => provider.Token("ines", now + TimeSpan.FromHours(2)),
            "another key" => stranger.Token("ines", now),
            "no name" => provider.Token(user: null, now),
            "a name of 101 characters" => provider.Token(new string('i', 101), now),
            _ => Unsigned(provider.Token("ines", now)),
        };

        Assert.IsType<UserVerdict.Refused>(await JudgeAsync(token));
    }

    private const string Version1 =
        "the bearer token is of version 1.0 of Entra's tokens (issuer sts.windows.net); this API takes version 2.0: "
        + "set requestedAccessTokenVersion to 2 in the manifest of its app registration";

    [Theory]
    [InlineData(Provider.Audience, "key-1")]
    [InlineData("api://the-app-id-uri", "key-1")]
    [InlineData(Provider.Audience, "key-of-version-1")]
    public async Task A_version_1_token_of_Entra_is_refused_with_the_cure(string audience, string keyId)
    {
        using var signer = new Provider(keyId);
        var token = (keyId is "key-1" ? provider : signer).Token("ines", time.GetUtcNow(), EntraVersion1, audience, version: "1.0");

        Assert.Equal(Version1, Assert.IsType<UserVerdict.Refused>(await JudgeAsync(token)).Reason);
        Assert.Equal(0, provider.Refreshes);
    }

    [Fact]
    public async Task An_API_that_is_configured_for_the_first_version_takes_it()
    {
        var options = new OpenIdOptions(new Uri(EntraVersion1), Provider.Audience);

        Assert.IsType<UserVerdict.Known>(await JudgeAsync(options, provider.Token("ines", time.GetUtcNow(), EntraVersion1, version: "1.0")));

        var other = provider.Token("ines", time.GetUtcNow(), EntraVersion1, "api://other", version: "1.0");
        Assert.StartsWith("the bearer token is for another audience", Reason(await JudgeAsync(options, other)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another audience", "the bearer token is for another audience (aud): request a token for this API, by its own scope")]
    [InlineData("another issuer", "the bearer token is of another issuer (iss) than the one that is configured for this API")]
    [InlineData("expired", "the bearer token has expired or is not valid yet (exp, nbf)")]
    public async Task A_refusal_names_the_fault_and_repeats_nothing_of_the_token_or_the_settings(string what, string reason)
    {
        var now = time.GetUtcNow();
        var token = what switch
        {
            "another audience" => provider.Token("ines", now, audience: "api://other"),
            "another issuer" => provider.Token("ines", now, issuer: "https://login.example.org"),
            _ => provider.Token("ines", now - TimeSpan.FromHours(2)),
        };

        Assert.Equal(reason, Reason(await JudgeAsync(token)));
    }

    /// <summary>A forged token learns nothing from the faults behind its signature.</summary>
    [Fact]
    public async Task A_token_with_a_forged_signature_is_not_told_its_other_faults()
    {
        using var stranger = new Provider();

        var reason = Reason(await JudgeAsync(stranger.Token("ines", time.GetUtcNow(), audience: "api://other")));

        Assert.Equal("the bearer token is not valid (SecurityTokenInvalidSignatureException)", reason);
    }

    [Fact]
    public async Task Clocks_may_differ_by_five_minutes()
    {
        var token = provider.Token("ines", time.GetUtcNow());
        time.Advance(TimeSpan.FromMinutes(64));
        Assert.IsType<UserVerdict.Known>(await JudgeAsync(token));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.IsType<UserVerdict.Refused>(await JudgeAsync(token));
    }

    [Fact]
    public async Task A_token_by_a_new_key_is_no_reason_to_send_the_person_away()
    {
        using var renewed = new Provider("key-2");

        Assert.IsType<UserVerdict.Unavailable>(await JudgeAsync(renewed.Token("ines", time.GetUtcNow())));

        Assert.Equal(1, provider.Refreshes);
        provider.Publishes = renewed;
        Assert.IsType<UserVerdict.Known>(await JudgeAsync(renewed.Token("ines", time.GetUtcNow())));
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_is_our_trouble_and_not_the_persons()
    {
        provider.IsDown = true;

        Assert.IsType<UserVerdict.Unavailable>(await JudgeAsync(provider.Token("ines", time.GetUtcNow())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Basic aW5lczpx")]
    [InlineData("Development ines")]
    public async Task Another_scheme_authenticates_no_user(string header) =>
        Assert.IsType<UserVerdict.Refused>(await JudgeHeaderAsync(header));

    [Theory]
    [InlineData("http://login.example.com", "api://x", "oid", "Issuer")]
    [InlineData("https://login.example.com", " ", "oid", "Audience")]
    [InlineData("https://login.example.com", "api://x", "", "NameClaim")]
    public void A_provider_that_cannot_be_trusted_is_refused_by_the_name_of_its_setting(
        string issuer,
        string audience,
        string claim,
        string name
    )
    {
        var options = new OpenIdOptions(new Uri(issuer), audience) { NameClaim = claim };

        var error = Assert.Throws<InvalidOperationException>(() =>
            new OpenIdUserAuthenticator(options, provider, time, NullLogger<OpenIdUserAuthenticator>.Instance)
        );

        Assert.StartsWith(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development Hugo", "Hugo")]
    [InlineData("development  Hugo ", "Hugo")]
    [InlineData("Development ", null)]
    [InlineData("Bearer Hugo", null)]
    public async Task A_development_host_trusts_the_name(string header, string? user)
    {
        var headers = new HeaderDictionary { ["Authorization"] = header };

        var verdict = await new DevelopmentUserAuthenticator().AuthenticateAsync(headers, CancellationToken.None);

        Assert.Equal(user, (verdict as UserVerdict.Known)?.User);
    }

    private static string Reason(UserVerdict verdict) => Assert.IsType<UserVerdict.Refused>(verdict).Reason;

    private static string Unsigned(string token)
    {
        var parts = token.Split('.');
        return $"{Base64Url("{\"alg\":\"none\",\"typ\":\"JWT\"}")}.{parts[1]}.";
    }

    private static string Base64Url(string text) =>
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private ValueTask<UserVerdict> JudgeAsync(string token, string nameClaim = "preferred_username") =>
        JudgeHeaderAsync($"Bearer {token}", nameClaim);

    private ValueTask<UserVerdict> JudgeHeaderAsync(string header, string nameClaim = "preferred_username") =>
        JudgeHeaderAsync(new OpenIdOptions(new Uri(Provider.Issuer), Provider.Audience) { NameClaim = nameClaim }, header);

    private ValueTask<UserVerdict> JudgeAsync(OpenIdOptions options, string token) => JudgeHeaderAsync(options, $"Bearer {token}");

    private ValueTask<UserVerdict> JudgeHeaderAsync(OpenIdOptions options, string header)
    {
        var authenticator = new OpenIdUserAuthenticator(options, provider, time, NullLogger<OpenIdUserAuthenticator>.Instance);
        return authenticator.AuthenticateAsync(new HeaderDictionary { ["Authorization"] = header }, CancellationToken.None);
    }
}
