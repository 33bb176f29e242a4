using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>The addresses of the client endpoint (azure-web-pubsub, concept-client-protocols).</summary>
internal static class ClientUrl
{
    /// <summary>The audience of a client token: the endpoint's address with the http(s) scheme.</summary>
    public static string Audience(Uri endpoint, HubName hub) =>
        $"{endpoint.GetLeftPart(UriPartial.Authority)}/client/hubs/{Uri.EscapeDataString(hub.Value)}";

    /// <summary>The endpoint's address as a WebSocket URL with the token.</summary>
    public static Uri WithToken(Uri endpoint, HubName hub, string token)
    {
        var secure = string.Equals(endpoint.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal);
        var path = $"/client/hubs/{Uri.EscapeDataString(hub.Value)}?access_token={Uri.EscapeDataString(token)}";
        return new Uri($"{(secure ? "wss" : "ws")}://{endpoint.Authority}{path}");
    }
}
