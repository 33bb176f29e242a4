using System.Net;

namespace ServerlessSync.Local.Web;

/// <summary>
/// The names by which this server may be called. A page of a stranger can give its own name this machine's address (DNS rebinding) and is
/// then of one origin with whatever listens here; only its <c>Host</c> gives it away.
/// </summary>
internal sealed class SiteNames
{
    private readonly string listening;
    private readonly HashSet<string> allowedOrigins;

    /// <summary>Names of loopback, and the one to listen on.</summary>
    /// <param name="url">Where the server listens.</param>
    /// <param name="allowedOrigins">Pages of other sites that may connect, as <c>scheme://host[:port]</c>.</param>
    public SiteNames(Uri url, IEnumerable<string> allowedOrigins)
    {
        listening = url.Host;
        this.allowedOrigins = allowedOrigins.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a text is an origin as browsers write it: scheme, host, port unless it is the usual one, nothing else.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && string.Equals(url.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a request with this <c>Host</c> is meant for this server. The port does not matter: it may be forwarded.</summary>
    public bool IsOurs(HostString host) => host.HasValue && IsOurs(host.Host);

    /// <summary>
    /// Whether a page may connect: one of this site, which is scheme and host whatever the port, or one that was allowed. A request
    /// without an origin comes from no page.
    /// </summary>
    public bool MayConnect(string origin) =>
        allowedOrigins.Contains(origin) || (IsOrigin(origin) && new Uri(origin) is { Scheme: "http" } url && IsOurs(url.Host));

    private bool IsOurs(string host) =>
        string.Equals(host, listening, StringComparison.OrdinalIgnoreCase)
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
