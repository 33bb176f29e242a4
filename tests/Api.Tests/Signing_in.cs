using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessSync.Api.Users;

namespace ServerlessSync.Api.Tests;

public sealed class Signing_in : IDisposable
{
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

    private static string Unsigned(string token)
    {
        var parts = token.Split('.');
        return $"{Base64Url("{\"alg\":\"none\",\"typ\":\"JWT\"}")}.{parts[1]}.";
    }

    private static string Base64Url(string text) =>
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private ValueTask<UserVerdict> JudgeAsync(string token, string nameClaim = "preferred_username") =>
        JudgeHeaderAsync($"Bearer {token}", nameClaim);

    private ValueTask<UserVerdict> JudgeHeaderAsync(string header, string nameClaim = "preferred_username")
    {
        var options = new OpenIdOptions(new Uri(Provider.Issuer), Provider.Audience) { NameClaim = nameClaim };
        var authenticator = new OpenIdUserAuthenticator(options, provider, time, NullLogger<OpenIdUserAuthenticator>.Instance);
        return authenticator.AuthenticateAsync(new HeaderDictionary { ["Authorization"] = header }, CancellationToken.None);
    }
}
