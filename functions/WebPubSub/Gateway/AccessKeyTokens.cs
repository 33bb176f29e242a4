using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>Creates the HS256 tokens for both endpoints of the service: REST calls and client connections.</summary>
internal static class AccessKeyTokens
{
    // The handler would otherwise set times from the machine's clock.
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Signs a token for <paramref name="audience"/> with whole-second times.</summary>
    public static string Create(
        AccessKey key,
        string audience,
        DateTimeOffset now,
        DateTimeOffset expires,
        IReadOnlyDictionary<string, object> claims
    )
    {
        var all = new Dictionary<string, object>(claims, StringComparer.Ordinal)
        {
            [JwtRegisteredClaimNames.Aud] = audience,
            [JwtRegisteredClaimNames.Iat] = now.ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Nbf] = now.ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Exp] = expires.ToUnixTimeSeconds(),
        };
        return Handler.CreateToken(new SecurityTokenDescriptor { Claims = all, SigningCredentials = key.Signing });
    }
}
