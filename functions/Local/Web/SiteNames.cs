using System.Net;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Local.Web;

/// <summary>
/// The host names of this server. A hostile page can make its own name resolve to this machine (DNS rebinding), and is then
/// of the same origin as the server; only the <c>Host</c> header reveals it.
/// </summary>
internal sealed class SiteNames
{
    private readonly string listening;
    private readonly HashSet<string> allowedOrigins;

    /// <summary>Accepts loopback names and the name to listen on.</summary>
    /// <param name="url">Where the server listens.</param>
    /// <param name="allowedOrigins">The origins of other sites whose pages may connect, as
    /// <c>scheme://host[:port]</c>.</param>
    public SiteNames(Uri url, IEnumerable<string> allowedOrigins)
    {
        listening = url.Host;
        this.allowedOrigins = allowedOrigins.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Whether a request with this <c>Host</c> is meant for this server. Ignores the port, which may be forwarded.
    /// </summary>
    public bool IsOurs(HostString host) => host.HasValue && IsOurs(host.Host);

    /// <summary>
    /// Whether a page may connect: its origin is this host on any port, or an allowed one. A request without an origin does
    /// not come from a page.
    /// </summary>
    public bool MayConnect(string origin) =>
        allowedOrigins.Contains(origin) || (EventEndpointOptions.IsOrigin(origin) && new Uri(origin) is { Scheme: "http" } url && IsOurs(url.Host));

    private bool IsOurs(string host) =>
        string.Equals(host, listening, StringComparison.OrdinalIgnoreCase)
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
