using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessSync.Protocol.Wire;

/// <summary>A dataset or change set that is written byte for byte: reformatting would change dates and digits.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8);

/// <summary>An id or token that is written as its original JSON text: the browser compares it with <c>===</c>.</summary>
[JsonConverter(typeof(RawTokenConverter))]
internal readonly record struct RawToken(string Json);

/// <summary>Copies the bytes unchecked: they were validated when they were read.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    /// <inheritdoc/>
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Server messages are write-only.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}

/// <summary>Copies the text unchecked: it was validated when it was read.</summary>
internal sealed class RawTokenConverter : JsonConverter<RawToken>
{
    /// <inheritdoc/>
    public override RawToken Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Server messages are write-only.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawToken value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}
