using System.Net;
using System.Net.Sockets;

namespace ServerlessSync.Soak.Processes;

/// <summary>Ports of this machine that nobody listens on.</summary>
internal static class FreePort
{
    /// <summary>An address on such a port; somebody else may take it before its user does.</summary>
    public static Uri Url()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
