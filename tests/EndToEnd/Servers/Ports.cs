using System.Net;
using System.Net.Sockets;

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>Free ports of this machine.</summary>
internal static class Ports
{
    /// <summary>
    /// An unused address. Another process may take it before the caller does, so callers that start a server retry.
    /// </summary>
    public static Uri FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
