namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>Checks the address of the service, however it was configured.</summary>
internal static class ServiceEndpoint
{
    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">Not http(s)://host[:port].</exception>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && IsUsable(endpoint)
            ? endpoint
            : throw new FormatException("The Endpoint is not of the form https://host[:port].");

    /// <summary>Whether the address has only a scheme and an authority: our paths start at its root.</summary>
    public static bool IsUsable(Uri endpoint) =>
        endpoint.IsAbsoluteUri
        && (
            string.Equals(endpoint.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)
            || string.Equals(endpoint.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal)
        )
        && endpoint.Host.Length > 0
        && endpoint.UserInfo.Length == 0
        && string.Equals(endpoint.PathAndQuery, "/", StringComparison.Ordinal)
        && endpoint.Fragment.Length == 0;
}
