using System.Net;
using System.Net.Sockets;

namespace ServerlessSync.Soak.Processes;

/// <summary>Unused ports of this machine.</summary>
internal static class FreePort
{
    /// <summary>An address with an unused port. Another process may take the port before the caller does.</summary>
    public static Uri Url()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
