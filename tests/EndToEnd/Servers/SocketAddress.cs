namespace ServerlessSync.EndToEnd.Servers;

/// <summary>The address to which pages connect.</summary>
internal static class SocketAddress
{
    private const string Path = "/client/hubs/sync";

    /// <summary>The WebSocket address for a base address; one with a path is used as it is.</summary>
    public static Uri Of(Uri url)
    {
        var secure = url.Scheme is "https" or "wss";
        var address = new UriBuilder(url) { Scheme = secure ? "wss" : "ws" };
        if (url.AbsolutePath is "/" or "")
        {
            address.Path = Path;
        }

        return address.Uri;
    }
}
