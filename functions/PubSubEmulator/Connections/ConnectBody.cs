using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using ServerlessSync.PubSubEmulator.Tokens;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// The body of the connect event: claims, query and headers without the token, and subprotocols (reference-cloud-events).
/// </summary>
internal static class ConnectBody
{
    /// <summary>The body as UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> Of(
        HttpRequest request,
        ClientIdentity identity,
        IEnumerable<string> subprotocols
    )
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        WriteLists(writer, "claims", identity.Claims.Select(claim => (claim.Key, (IEnumerable<string?>)claim.Value)));
        WriteLists(writer, "query", Without(request.Query, ClientCredentials.QueryParameter));
        WriteLists(writer, "headers", Without(request.Headers, "Authorization"));
        WriteList(writer, "subprotocols", subprotocols);
        WriteList(writer, "clientCertificates", []);
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }

    private static IEnumerable<(string, IEnumerable<string?>)> Without(
        IEnumerable<KeyValuePair<string, StringValues>> values,
        string secret
    ) =>
        values
            .Where(value => !string.Equals(value.Key, secret, StringComparison.OrdinalIgnoreCase))
            .Select(value => (value.Key, (IEnumerable<string?>)value.Value));

    private static void WriteLists(
        Utf8JsonWriter writer,
        string name,
        IEnumerable<(string, IEnumerable<string?>)> lists
    )
    {
        writer.WriteStartObject(name);
        foreach (var (key, values) in lists)
        {
            WriteList(writer, key, values);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string?> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value ?? "");
        }

        writer.WriteEndArray();
    }
}
