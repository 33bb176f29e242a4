using System.Globalization;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// A connection string as the portal shows it: <c>Endpoint=https://NAME.webpubsub.azure.com;AccessKey=…;Version=1.0;</c>,
/// with an optional <c>Port=</c>. Names are case-insensitive; unknown parts are ignored.
/// </summary>
public sealed class ServiceConnectionString
{
    /// <summary>The longest text in characters; a real one has about 150.</summary>
    public const int LengthMax = 4096;

    private ServiceConnectionString(Uri endpoint, AccessKey key)
    {
        Endpoint = endpoint;
        Key = key;
    }

    /// <summary>Scheme, host and port of the service; no path.</summary>
    public Uri Endpoint { get; }

    /// <summary>The key.</summary>
    public AccessKey Key { get; }

    /// <summary>Parses a connection string.</summary>
    /// <exception cref="FormatException">A part is missing, repeated or malformed. The message names the part and never
    /// shows the key.</exception>
    public static ServiceConnectionString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > LengthMax)
        {
            throw new FormatException($"The connection string has more than {LengthMax} characters.");
        }

        var parts = Split(text);
        var endpoint = ServiceEndpoint.Parse(Required(parts, "Endpoint"));
        if (parts.TryGetValue("Port", out var port))
        {
            endpoint = WithPort(endpoint, port);
        }

        if (parts.TryGetValue("Version", out var version) && !version.StartsWith("1.", StringComparison.Ordinal))
        {
            throw new FormatException("The Version of the connection string is not 1.x.");
        }

        return new ServiceConnectionString(endpoint, new AccessKey(Required(parts, "AccessKey")));
    }

    /// <summary>The connection string without its key.</summary>
    public override string ToString() =>
        $"Endpoint={Endpoint.GetLeftPart(UriPartial.Authority)};AccessKey=***;Version=1.0;";

    private static Dictionary<string, string> Split(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Split only at the first equals sign: a key ends in equals signs of its own.
            var sign = part.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
            {
                // Not shown, because it may be a fragment of the key.
                throw new FormatException("The connection string has a part that is not Name=value.");
            }

            var name = part[..sign].TrimEnd();
            if (!parts.TryAdd(name, part[(sign + 1)..].TrimStart()))
            {
                throw new FormatException($"The connection string has {name} more than once.");
            }
        }

        return parts;
    }

    private static string Required(Dictionary<string, string> parts, string name) =>
        parts.TryGetValue(name, out var value) && value.Length > 0
            ? value
            : throw new FormatException($"The connection string has no {name}.");

    private static Uri WithPort(Uri endpoint, string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is > 0 and <= 65535
            ? new UriBuilder(endpoint) { Port = number }.Uri
            : throw new FormatException("The Port of the connection string is not a number from 1 to 65535.");
}
