using System.Buffers;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Whose events are taken. Checked when it is made.</summary>
public sealed class EventEndpointOptions
{
    private static readonly SearchValues<char> NoHostCharacters = SearchValues.Create("*/?#@, ");

    /// <summary>Takes events of <paramref name="hub"/>.</summary>
    /// <param name="hub">The hub; events of others are refused.</param>
    /// <param name="serviceHosts">
    /// Host names (with the port if it is not the usual one) of the Web PubSub resource; at least one.
    /// </param>
    /// <param name="allowedOrigins">
    /// Origins (<c>https://host[:port]</c>) of pages that may connect. Empty: any, and clients that are no page.
    /// </param>
    /// <exception cref="ArgumentException">
    /// No host, a host with a scheme or path, or an origin that is none.
    /// </exception>
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
            throw new ArgumentException("No host of the service is configured.", nameof(serviceHosts));
        }

        foreach (var host in serviceHosts)
        {
            // "*" above all: any service in the world could then send its events here.
            if (
                host.AsSpan().ContainsAny(NoHostCharacters)
                || !Uri.TryCreate($"https://{host}", UriKind.Absolute, out var uri)
                || !IsBare(uri)
            )
            {
                throw new ArgumentException($"'{host}' is no host name of a service.", nameof(serviceHosts));
            }
        }

        foreach (var origin in allowedOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || !IsBare(uri) || origin.EndsWith('/'))
            {
                throw new ArgumentException($"'{origin}' is no origin of a page.", nameof(allowedOrigins));
            }
        }

        Hub = hub;
        ServiceHosts = serviceHosts.ToHashSet(StringComparer.OrdinalIgnoreCase);
        AllowedOrigins = allowedOrigins.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// What a service at <paramref name="endpoint"/> may call itself when it asks whether it may send events: its host, with the port
    /// and without; a stand-in on this machine by any name of this machine.
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

    private static bool IsBare(Uri uri) =>
        uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.PathAndQuery is "/" && uri.Fragment.Length == 0;
}
