using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

/// <summary>The service's checks of a token that was signed with an access key, at the fake's time.</summary>
internal static class TokenCheck
{
    public static Task<TokenValidationResult> ValidateAsync(string token, string key, string audience) =>
        new JsonWebTokenHandler().ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)),
                ValidAudience = audience,
                // These tokens have no issuer: the key authenticates them.
                IssuerValidator = (_, _, _) => "key",
                LifetimeValidator = (from, to, _, _) =>
                    from <= FakeService.Now.UtcDateTime && to > FakeService.Now.UtcDateTime,
            }
        );
}
