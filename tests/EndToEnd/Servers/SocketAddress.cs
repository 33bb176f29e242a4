namespace ServerlessSync.EndToEnd.Servers;

/// <summary>Where pages connect on a server.</summary>
internal static class SocketAddress
{
    private const string Path = "/client/hubs/sync";

    /// <summary>The WebSocket address of a base address; one that has a path is used as it is.</summary>
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
