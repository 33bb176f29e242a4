using System.Text.Json;
using System.Text.Json.Serialization;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Wire;

/// <summary>Writes an id with the JSON type with which it arrived.</summary>
internal sealed class JsonIdConverter : JsonConverter<JsonId>
{
    /// <inheritdoc/>
    public override JsonId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Server messages are write-only.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JsonId value, JsonSerializerOptions options) =>
        value.WriteTo(writer);
}
