namespace ServerlessSync.PubSubEmulator.Tokens;

/// <summary>Reads and checks what a client shows at the handshake: <c>?access_token=</c>, as browsers must, or a bearer header.</summary>
internal sealed class ClientCredentials(PubSubOptions options, AccessTokens tokens, TokenAudience audience)
{
    /// <summary>The query parameter that holds the token.</summary>
    public const string QueryParameter = "access_token";

    /// <summary>Who the client is; null when its token is wrong, or missing where one is needed (401).</summary>
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
