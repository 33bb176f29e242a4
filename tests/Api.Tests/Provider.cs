using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.Api.Tests;

/// <summary>An identity provider in memory: signs tokens and publishes its keys.</summary>
internal sealed class Provider : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    public const string Issuer = "https://login.example.com/tenant/v2.0";
    public const string Audience = "api://serverless-sync";

    private readonly RSA rsa = RSA.Create(2048);
    private readonly RsaSecurityKey key;

    public Provider(string keyId = "key-1") => key = new RsaSecurityKey(rsa) { KeyId = keyId };

    public bool IsDown { get; set; }

    public int Refreshes { get; private set; }

    /// <summary>Publishes another provider's keys instead of its own.</summary>
    public Provider? Publishes { get; set; }

    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (IsDown)
        {
            throw new InvalidOperationException("IDX20803: the metadata cannot be fetched");
        }

        var configuration = new OpenIdConnectConfiguration { Issuer = Issuer };
        configuration.SigningKeys.Add((Publishes ?? this).key);
        return Task.FromResult(configuration);
    }

    public void RequestRefresh() => Refreshes++;

    public string Token(
        string? user,
        DateTimeOffset now,
        string issuer = Issuer,
        string audience = Audience,
        TimeSpan? lifetime = null,
        string claim = "preferred_username",
        string? version = null
    )
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = now.UtcDateTime,
            IssuedAt = now.UtcDateTime,
            Expires = (now + (lifetime ?? TimeSpan.FromHours(1))).UtcDateTime,
            Subject = new ClaimsIdentity(
                [.. user is null ? [] : new[] { new Claim(claim, user) }, .. version is null ? [] : new[] { new Claim("ver", version) }]
            ),
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        };
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }

    public void Dispose() => rsa.Dispose();
}
