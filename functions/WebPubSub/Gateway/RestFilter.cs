using System.Buffers;
using System.Text.Json;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>Parts of the service's filter language (azure-web-pubsub, reference-odata-filter).</summary>
internal static class RestFilter
{
    /// <summary>A string literal: in single quotes, with inner quotes doubled.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>The body of a bulk group operation.</summary>
    public static ReadOnlyMemory<byte> Body(IReadOnlyList<string> groups, string filter)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("groups");
            foreach (var group in groups)
            {
                writer.WriteStringValue(group);
            }

            writer.WriteEndArray();
            writer.WriteString("filter", filter);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
