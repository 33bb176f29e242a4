using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// The buckets of one connection, as a field of the connection state that the service carries from event to event.
/// Releases that do not know the field skip it; a state without it has full buckets.
/// </summary>
internal static class ConnectionBuckets
{
    private const string Field = "r";

    /// <summary>Reads the buckets of a state. Missing or unreadable ones count as full.</summary>
    public static long[] Read(string? state, int count)
    {
        var fullAt = new long[count];
        using var document = TryParse(state);
        if (
            document?.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(Field, out var field)
            && field.ValueKind == JsonValueKind.Array
            && field.GetArrayLength() == count
        )
        {
            for (var index = 0; index < count; index++)
            {
                var milliseconds = field[index].TryGetInt64(out var number) ? number : 0;
                fullAt[index] = DateTimeOffset.UnixEpoch.Ticks + (Math.Clamp(milliseconds, 0, MillisecondsMax) * TimeSpan.TicksPerMillisecond);
            }
        }

        return fullAt;
    }

    /// <summary>The state with other buckets. Its other fields are unchanged.</summary>
    public static string Write(string? state, ReadOnlySpan<long> fullAt, long now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var document = TryParse(state))
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (document?.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var field in document.RootElement.EnumerateObject().Where(static field => !field.NameEquals(Field)))
                {
                    field.WriteTo(writer);
                }
            }

            writer.WriteStartArray(Field);
            foreach (var time in fullAt)
            {
                // Round up, so that writing never adds tokens. A full bucket takes one digit.
                var ticks = time <= now ? 0 : time - DateTimeOffset.UnixEpoch.Ticks;
                writer.WriteNumberValue((ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static long MillisecondsMax => (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond / 2;

    private static JsonDocument? TryParse(string? state)
    {
        try
        {
            return string.IsNullOrEmpty(state) ? null : JsonDocument.Parse(state);
        }
        catch (JsonException)
        {
            // The state of another product or hub; it is no session either.
            return null;
        }
    }
}
