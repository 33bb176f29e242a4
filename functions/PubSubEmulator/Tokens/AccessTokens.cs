using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.PubSubEmulator.Tokens;

/// <summary>
/// Validates and creates the service's JSON web tokens: HS256, keyed by the UTF-8 bytes of the access key's text, with
/// audience and expiry required and five minutes of clock skew (Web PubSub SDKs; skew as measured).
/// </summary>
internal sealed class AccessTokens(PubSubOptions options, TimeProvider time)
{
    // HMAC pads a short key with zeros, so padding it here does not change signatures; the library refuses short keys.
    private const int KeyBytesMin = 64;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SymmetricSecurityKey key = new(PaddedKey(options.AccessKey));

    /// <summary>
    /// The token when its signature, lifetime and audience (by <paramref name="isAudience"/>) are valid; else null.
    /// </summary>
    public async ValueTask<JsonWebToken?> CheckAsync(string token, Func<string, bool> isAudience)
    {
        var result = await handler.ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                IssuerSigningKey = key,
                ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
                // Tokens signed with an access key need no issuer: any holder of the key may create them.
                IssuerValidator = (issuer, _, _) => issuer ?? string.Empty,
                RequireExpirationTime = true,
                AudienceValidator = (audiences, _, _) => audiences.Any(isAudience),
                LifetimeValidator = (from, until, _, _) => IsTimely(from, until),
            }
        );
        return result.IsValid ? result.SecurityToken as JsonWebToken : null;
    }

    /// <summary>Creates a token that is valid from now on.</summary>
    public string Create(string audience, TimeSpan life, IDictionary<string, object> claims)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return handler.CreateToken(
            new SecurityTokenDescriptor
            {
                Audience = audience,
                IssuedAt = now,
                NotBefore = now,
                Expires = now + life,
                Claims = claims,
                SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
            }
        );
    }

    private bool IsTimely(DateTime? from, DateTime? until)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return until is not null && now <= until + Skew && (from is null || now >= from - Skew);
    }

    private static byte[] PaddedKey(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length < KeyBytesMin)
        {
            Array.Resize(ref bytes, KeyBytesMin);
        }

        return bytes;
    }
}
