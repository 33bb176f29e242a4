namespace ServerlessSync.PubSubEmulator.Tokens;

/// <summary>
/// The audiences that a token may name. They compare URL-decoded, case-insensitively, with http or https as the scheme
/// (measured).
/// </summary>
internal sealed class TokenAudience(PubSubOptions options)
{
    /// <summary>Whether an audience is the client URL of the hub, <c>http(s)://HOST/client/hubs/{hub}</c>.</summary>
    public bool IsClientUrl(string audience, HttpRequest request) =>
        Matches(audience, request, $"/client/hubs/{options.Hub}")
        || Matches(audience, request, $"/client/?hub={options.Hub}");

    /// <summary>Whether an audience is the URL of a REST request, with or without its query.</summary>
    public bool IsRequestUrl(string audience, HttpRequest request)
    {
        var target = RawUrl.Target(request);
        return Matches(audience, request, target) || Matches(audience, request, target.Split('?', 2)[0]);
    }

    private bool Matches(string audience, HttpRequest request, string pathAndQuery)
    {
        var scheme = audience.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || audience[..scheme].ToLowerInvariant() is not ("http" or "https"))
        {
            return false;
        }

        var rest = Uri.UnescapeDataString(audience[(scheme + 3)..]).TrimEnd('/');
        return IsSame(request.Host.Value) || IsSame(options.Endpoint?.Authority);

        bool IsSame(string? authority) =>
            authority is not null
            && string.Equals(
                rest,
                Uri.UnescapeDataString(authority + pathAndQuery).TrimEnd('/'),
                StringComparison.OrdinalIgnoreCase
            );
    }
}
