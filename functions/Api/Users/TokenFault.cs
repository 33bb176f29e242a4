using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.Api.Users;

/// <summary>
/// Names the faults of a token that a wrong configuration causes, with the cure, for the developer who sees the refusal. The
/// texts name the class of fault and repeat no value of the token, of the provider or of the settings.
/// </summary>
internal static class TokenFault
{
    /// <summary>
    /// The issuers of Entra's access tokens of version 1, one for each tenant. The registration of the API decides the version,
    /// and a new registration asks for the first:
    /// https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
    /// </summary>
    private const string EntraVersion1 = "https://sts.windows.net/";

    /// <summary>The text of the refusal; null for a fault that says nothing about the configuration.</summary>
    public static string? Of(Exception? exception, string token, OpenIdOptions options) =>
        exception switch
        {
            // Version 1 differs in all three; which of them is noticed first depends on the library.
            SecurityTokenInvalidIssuerException or SecurityTokenInvalidAudienceException or SecurityTokenSignatureKeyNotFoundException
                when IsEntraVersion1(token, options) =>
                "the bearer token is of version 1.0 of Entra's tokens (issuer sts.windows.net); this API takes version 2.0: "
                    + "set requestedAccessTokenVersion to 2 in the manifest of its app registration",
            SecurityTokenInvalidAudienceException =>
                "the bearer token is for another audience (aud): request a token for this API, by its own scope",
            SecurityTokenInvalidIssuerException =>
                "the bearer token is of another issuer (iss) than the one that is configured for this API",
            SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenInvalidLifetimeException =>
                "the bearer token has expired or is not valid yet (exp, nbf)",
            _ => null,
        };

    /// <summary>
    /// Reads the issuer without a check, because the signature of such a token need not be one that the configured provider
    /// publishes. Nothing but the text depends on it.
    /// </summary>
    private static bool IsEntraVersion1(string token, OpenIdOptions options) =>
        !options.Issuer.OriginalString.StartsWith(EntraVersion1, StringComparison.OrdinalIgnoreCase)
        && new JsonWebToken(token).Issuer is { } issuer
        && issuer.StartsWith(EntraVersion1, StringComparison.OrdinalIgnoreCase);
}
