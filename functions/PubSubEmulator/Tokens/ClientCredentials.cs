namespace ServerlessSync.PubSubEmulator.Tokens;

/// <summary>
/// Reads and validates a client's token at the handshake: <c>?access_token=</c>, which browsers must use, or a bearer
/// header.
/// </summary>
internal sealed class ClientCredentials(PubSubOptions options, AccessTokens tokens, TokenAudience audience)
{
    /// <summary>The query parameter that holds the token.</summary>
    public const string QueryParameter = "access_token";

    /// <summary>The identity of the client; null when its token is invalid, or missing although one is required (401).</summary>
    public async ValueTask<ClientIdentity?> CheckAsync(HttpRequest request)
    {
        var token = request.Query[QueryParameter].FirstOrDefault() is { Length: > 0 } inQuery
            ? inQuery
            : Bearer(request);
        if (token is null)
        {
            return options.AllowAnonymous ? ClientIdentity.Anonymous : null;
        }

        var read = await tokens.CheckAsync(token, value => audience.IsClientUrl(value, request));
        return read is null ? null : ClientIdentity.Of(read);
    }

    /// <summary>The token of a bearer header; null when there is none.</summary>
    public static string? Bearer(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;
    }
}
