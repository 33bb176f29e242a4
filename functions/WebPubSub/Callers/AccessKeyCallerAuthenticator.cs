using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>
/// Checks <c>ce-signature</c>: <c>sha256=HEX</c> for each of the resource's keys, HEX being the HMAC-SHA256 of the
/// connection id (azure-web-pubsub, reference-cloud-events).
/// </summary>
/// <remarks>
/// The signature covers only the connection id, so it proves neither the body nor freshness. It keeps strangers out
/// as long as signatures do not leak; Entra tokens are stronger.
/// </remarks>
public sealed class AccessKeyCallerAuthenticator : ICallerAuthenticator
{
    /// <summary>The most keys of one resource: a primary and a secondary one, during a rotation.</summary>
    public const int KeysMax = 4;

    /// <summary>The longest signature header in characters; two signatures take 143.</summary>
    public const int SignatureCharsMax = 1024;

    private const string Algorithm = "sha256=";
    private readonly AccessKey[] keys;

    /// <summary>Accepts signatures by any of <paramref name="keys"/>, 1 to <see cref="KeysMax"/>.</summary>
    public AccessKeyCallerAuthenticator(IReadOnlyCollection<AccessKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count is 0 or > KeysMax)
        {
            throw new ArgumentException($"There are 1 to {KeysMax} access keys, not {keys.Count}.", nameof(keys));
        }

        this.keys = [.. keys];
    }

    /// <inheritdoc/>
    public ValueTask<CallerVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return ValueTask.FromResult(Judge(headers["ce-connectionId"].ToString(), headers["ce-signature"].ToString()));
    }

    private CallerVerdict Judge(string connection, string signatures)
    {
        if (connection.Length is 0 or > RestClientGateway.ConnectionIdCharsMax)
        {
            return new CallerVerdict.Refused("ce-connectionId is missing or too long");
        }

        if (signatures.Length is 0 or > SignatureCharsMax)
        {
            return new CallerVerdict.Refused("ce-signature is missing or too long");
        }

        var data = Encoding.UTF8.GetBytes(connection);
        var expected = keys.Select(key => HMACSHA256.HashData(key.Bytes, data)).ToArray();
        return signatures
            .Split(',', StringSplitOptions.TrimEntries)
            .Any(signature => Read(signature) is { } given && expected.Any(one => IsSame(one, given)))
            ? CallerVerdict.Trusted
            : new CallerVerdict.Refused("ce-signature is not by a known key");
    }

    // In constant time, so that the response time does not reveal how many bytes match.
    private static bool IsSame(byte[] expected, byte[] given) =>
        CryptographicOperations.FixedTimeEquals(expected, given);

    private static byte[]? Read(string signature)
    {
        if (
            !signature.StartsWith(Algorithm, StringComparison.OrdinalIgnoreCase)
            || signature.Length != Algorithm.Length + (2 * HMACSHA256.HashSizeInBytes)
        )
        {
            return null;
        }

        var hash = new byte[HMACSHA256.HashSizeInBytes];
        return
            Convert.FromHexString(signature.AsSpan(Algorithm.Length), hash, out _, out _)
            == System.Buffers.OperationStatus.Done
            ? hash
            : null;
    }
}
