namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>A URL that opens one WebSocket. The query holds the token, because browsers cannot send it in a header.</summary>
/// <param name="Url">
/// <c>wss://HOST/client/hubs/HUB?access_token=…</c>; a secret until it expires, so not for logs.
/// </param>
/// <param name="Expires">When the token expires. An open connection outlives it; a reconnect needs a new URL.</param>
public sealed record ClientAccess(Uri Url, DateTimeOffset Expires)
{
    /// <summary>Omits the token.</summary>
    public override string ToString() =>
        $"ClientAccess {{ {Url.GetLeftPart(UriPartial.Path)}, Expires = {Expires:O} }}";
}
