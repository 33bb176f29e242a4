using System.Buffers;
using System.Net;
using System.Text;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>The hub, hosts and origins whose events are accepted. Validated on construction.</summary>
public sealed class EventEndpointOptions
{
    private static readonly SearchValues<char> InvalidHostCharacters = SearchValues.Create("*/?#@, ");

    /// <summary>Accepts events of <paramref name="hub"/>.</summary>
    /// <param name="hub">The hub; events of other hubs are refused.</param>
    /// <param name="serviceHosts">
    /// The host names of the Web PubSub resource, with the port unless it is the default one; at least one.
    /// </param>
    /// <param name="allowedOrigins">
    /// The origins (<c>https://host[:port]</c>) of pages that may connect. Empty: any page, and clients that are not pages.
    /// </param>
    /// <exception cref="ArgumentException">There is no host, a host has a scheme or path, or an origin is
    /// invalid.</exception>
    public EventEndpointOptions(
        HubName hub,
        IReadOnlyCollection<string> serviceHosts,
        IReadOnlyCollection<string> allowedOrigins
    )
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(serviceHosts);
        ArgumentNullException.ThrowIfNull(allowedOrigins);
        if (serviceHosts.Count == 0)
        {
            throw new ArgumentException("At least one host of the service is required.", nameof(serviceHosts));
        }

        foreach (var host in serviceHosts)
        {
            // In particular "*", which would let any service send its events here.
            if (
                host.AsSpan().ContainsAny(InvalidHostCharacters)
                || !Uri.TryCreate($"https://{host}", UriKind.Absolute, out var uri)
                || !IsBare(uri)
            )
            {
                throw new ArgumentException($"'{host}' is not the host name of a service.", nameof(serviceHosts));
            }
        }

        foreach (var origin in allowedOrigins)
        {
            if (!IsOrigin(origin))
            {
                throw new ArgumentException(
                    $"'{origin}' is not the origin of a page: needs https://host[:port], without a path and without the default port.",
                    nameof(allowedOrigins)
                );
            }
        }

        Hub = hub;
        ServiceHosts = serviceHosts.ToHashSet(StringComparer.OrdinalIgnoreCase);
        AllowedOrigins = allowedOrigins.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// The host names that a service at <paramref name="endpoint"/> may present in the handshake: its host, with and
    /// without the port. An emulator on this machine may use any loopback name.
    /// </summary>
    public static IReadOnlyCollection<string> HostsOf(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        string[] hosts = endpoint.IsLoopback ? [endpoint.Host, "localhost", "127.0.0.1", "[::1]"] : [endpoint.Host];
        return
        [
            .. hosts
                .SelectMany(host => (string[])[host, endpoint.IsDefaultPort ? host : $"{host}:{endpoint.Port}"])
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>The hub.</summary>
    public HubName Hub { get; }

    /// <summary>Host names of the service.</summary>
    public IReadOnlySet<string> ServiceHosts { get; }

    /// <summary>Origins of pages that may connect; empty for any.</summary>
    public IReadOnlySet<string> AllowedOrigins { get; }

    /// <summary>
    /// Whether pages of this machine, on any port, count as listed, and clients that are not pages may connect beside listed
    /// pages. For a developer's machine only.
    /// </summary>
    public bool AllowsThisMachine { get; init; }

    /// <summary>
    /// Whether a text is an origin as browsers send it: <c>http</c> or <c>https</c>, a host in ASCII, a port other than the
    /// default one, and nothing else. The case of letters does not matter.
    /// </summary>
    public static bool IsOrigin(string text) =>
        Ascii.IsValid(text)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0
        && string.Equals(uri.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the origin is listed, so that its pages may connect and call the API.</summary>
    public bool Lists(string origin) => AllowedOrigins.Contains(origin) || (AllowsThisMachine && IsThisMachine(origin));

    private static bool IsThisMachine(string origin) =>
        IsOrigin(origin)
        && new Uri(origin) is { Scheme: "http" } uri
        && (
            string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address))
        );

    private static bool IsBare(Uri uri) =>
        uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.PathAndQuery is "/" && uri.Fragment.Length == 0;
}
