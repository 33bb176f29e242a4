using System.Security.Cryptography;
using System.Text;

namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// The header <c>ce-signature</c>. It covers only the connection id, so it is constant per connection
/// (reference-cloud-events).
/// </summary>
internal static class EventSignature
{
    /// <summary>
    /// <c>sha256=</c> and the lower-case hexadecimal HMAC-SHA256 of the connection id, keyed by the access key's text.
    /// </summary>
    public static string Of(string accessKey, string connectionId) =>
        "sha256="
        + Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), Encoding.UTF8.GetBytes(connectionId))
        );
}
