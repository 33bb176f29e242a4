using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using ServerlessSync.WebPubSub.Callers;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Authenticating_callers_by_token
{
    private const string Tenant = "11111111-1111-1111-1111-111111111111";
    private const string Audience = "22222222-2222-2222-2222-222222222222";
    private const string Caller = "33333333-3333-3333-3333-333333333333";
    private const string Other = "44444444-4444-4444-4444-444444444444";
    private const string V1 = $"https://sts.windows.net/{Tenant}/";
    private const string V2 = $"https://login.microsoftonline.com/{Tenant}/v2.0";
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly RsaSecurityKey Key = NewKey("k1");
    private static readonly RsaSecurityKey Stranger = NewKey("k1");
    private static readonly RsaSecurityKey Unknown = NewKey("k2");
    private readonly FakeKeys keys = new();
    private readonly FakeLog<EntraCallerAuthenticator> log = new();

    [Theory]
    [InlineData(V1, Audience)]
    [InlineData(V1, "api://" + Audience)]
    [InlineData(V2, Audience)]
    [InlineData(V2, "api://" + Audience)]
    public async Task Our_resource_is_accepted_with_tokens_of_both_versions(string issuer, string audience) =>
        Assert.IsType<CallerVerdict.Accepted>(await Judge(Token(issuer: issuer, audience: audience)));

    [Theory]
    [InlineData($"https://sts.windows.net/{Other}/")]
    [InlineData($"https://login.microsoftonline.com/{Other}/v2.0")]
    [InlineData("https://evil.example/")]
    [InlineData("")]
    public async Task Another_issuer_is_refused(string issuer) => await IsRefused(Token(issuer: issuer));

    [Theory]
    [InlineData(Other)]
    [InlineData("https://graph.microsoft.com")]
    [InlineData("")]
    public async Task Another_audience_is_refused(string audience) => await IsRefused(Token(audience: audience));

    [Theory]
    [InlineData(Other)]
    [InlineData("")]
    [InlineData(null)]
    public async Task Another_identity_is_refused(string? oid) => await IsRefused(Token(oid: oid));

    [Theory]
    [InlineData(-65, -4, true)]
    [InlineData(-65, -6, false)]
    [InlineData(4, 60, true)]
    [InlineData(6, 60, false)]
    public async Task Times_may_be_five_minutes_off(int notBefore, int expires, bool accepted)
    {
        var verdict = await Judge(Token(notBefore: Now.AddMinutes(notBefore), expires: Now.AddMinutes(expires)));
        Assert.Equal(accepted, verdict is CallerVerdict.Accepted);
    }

    [Fact]
    public async Task A_token_without_an_end_is_refused() => await IsRefused(Token(withoutEnd: true));

    [Fact]
    public async Task A_key_that_only_has_the_right_name_is_refused() => await IsRefused(Token(key: Stranger));

    [Fact]
    public async Task A_known_key_under_an_unknown_name_is_not_accepted() =>
        Assert.IsType<CallerVerdict.Unavailable>(
            await Judge(Token(key: new RsaSecurityKey(Key.Parameters) { KeyId = "k3" }))
        );

    [Fact]
    public async Task A_tampered_token_is_refused()
    {
        var parts = Token().Split('.');
        var payload = Base64UrlEncoder.Decode(parts[1]).Replace(Caller, Other, StringComparison.Ordinal);
        Assert.Contains(Other, payload, StringComparison.Ordinal);
        await IsRefused($"{parts[0]}.{Base64UrlEncoder.Encode(payload)}.{parts[2]}");
        await IsRefused($"{parts[0]}.{parts[1]}.");
        await IsRefused($"{parts[0]}.{parts[1]}.AAAA");
    }

    [Fact]
    public async Task A_token_without_an_algorithm_is_refused()
    {
        var payload = Token().Split('.')[1];
        foreach (var algorithm in new[] { "none", "None", "" })
        {
            var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"k1"}""");
            await IsRefused($"{header}.{payload}.");
        }
    }

    [Fact]
    public async Task A_public_key_taken_for_a_secret_is_refused()
    {
        // The classic key confusion: HS256 with the bytes of the published key.
        var header = Base64UrlEncoder.Encode("""{"alg":"HS256","typ":"JWT","kid":"k1"}""");
        var signed = $"{header}.{Token().Split('.')[1]}";
        using var rsa = RSA.Create(Key.Parameters);
        var secret = rsa.ExportSubjectPublicKeyInfo();
        var signature = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed));
        await IsRefused($"{signed}.{Base64UrlEncoder.Encode(signature)}");
    }

    [Fact]
    public async Task Another_algorithm_of_the_same_key_is_refused() =>
        await IsRefused(Token(algorithm: SecurityAlgorithms.RsaSha512));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer ")]
    [InlineData("Bearer not.a.token")]
    [InlineData("Bearer garbage")]
    [InlineData("Basic dTpw")]
    public async Task What_is_no_token_is_refused(string? header) =>
        Assert.IsType<CallerVerdict.Refused>(await JudgeHeader(header));

    [Fact]
    public async Task A_token_over_the_limit_is_refused() =>
        await IsRefused(new string('x', EntraCallerAuthenticator.TokenBytesMax + 1));

    [Fact]
    public async Task An_unknown_key_is_fetched_and_the_caller_has_to_retry()
    {
        var token = Token(key: Unknown);
        Assert.IsType<CallerVerdict.Unavailable>(await Judge(token));
        Assert.Equal(1, keys.Refreshes);
        keys.Configuration.SigningKeys.Add(Unknown);
        Assert.IsType<CallerVerdict.Accepted>(await Judge(token));
        Assert.Equal(1, keys.Refreshes);
    }

    [Fact]
    public async Task Keys_that_cannot_be_fetched_are_no_refusal()
    {
        keys.Failure = new InvalidOperationException("IDX20803");
        Assert.IsType<CallerVerdict.Unavailable>(await Judge(Token()));
        Assert.Equal(2101, Assert.Single(log.Entries).Id);
    }

    [Fact]
    public void An_incomplete_configuration_does_not_start()
    {
        foreach (
            var options in new EntraCallerOptions[]
            {
                new(Guid.Empty, new Guid(Audience), new Guid(Caller)),
                new(new Guid(Tenant), Guid.Empty, new Guid(Caller)),
                new(new Guid(Tenant), new Guid(Audience), Guid.Empty),
            }
        )
        {
            Assert.Throws<InvalidOperationException>(() =>
                new EntraCallerAuthenticator(options, keys, new FakeTimeProvider(Now), log)
            );
        }
    }

    private static RsaSecurityKey NewKey(string name)
    {
        using var rsa = RSA.Create(2048);
        return new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true)) { KeyId = name };
    }

    private static string Token(
        string issuer = V1,
        string audience = Audience,
        string? oid = Caller,
        DateTimeOffset? notBefore = null,
        DateTimeOffset? expires = null,
        bool withoutEnd = false,
        SecurityKey? key = null,
        string algorithm = SecurityAlgorithms.RsaSha256
    )
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = issuer,
            ["aud"] = audience,
            ["nbf"] = (notBefore ?? Now.AddMinutes(-5)).ToUnixTimeSeconds(),
        };
        if (!withoutEnd)
        {
            claims["exp"] = (expires ?? Now.AddHours(1)).ToUnixTimeSeconds();
        }

        if (oid is not null)
        {
            claims["oid"] = oid;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor { Claims = claims, SigningCredentials = new(key ?? Key, algorithm) }
        );
    }

    private Task<CallerVerdict> Judge(string token) => JudgeHeader("Bearer " + token);

    private async Task<CallerVerdict> JudgeHeader(string? header)
    {
        var options = new EntraCallerOptions(new Guid(Tenant), new Guid(Audience), new Guid(Caller));
        var authenticator = new EntraCallerAuthenticator(options, keys, new FakeTimeProvider(Now), log);
        var headers = new HeaderDictionary { ["Authorization"] = header };
        return await authenticator.AuthenticateAsync(headers, TestContext.Current.CancellationToken);
    }

    private async Task IsRefused(string token) => Assert.IsType<CallerVerdict.Refused>(await Judge(token));

    private sealed class FakeKeys : IConfigurationManager<OpenIdConnectConfiguration>
    {
        public OpenIdConnectConfiguration Configuration { get; } = new() { SigningKeys = { Key } };

        public Exception? Failure { get; set; }

        public int Refreshes { get; private set; }

        public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) =>
            Failure is null ? Task.FromResult(Configuration) : throw Failure;

        public void RequestRefresh() => Refreshes++;
    }
}
