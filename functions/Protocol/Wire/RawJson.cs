using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessSync.Protocol.Wire;

/// <summary>A dataset or change set that is written as the bytes it is: reprinting would change dates and digits.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8);

/// <summary>An id or token that is written as the JSON text it is: the browser compares it with <c>===</c>.</summary>
[JsonConverter(typeof(RawTokenConverter))]
internal readonly record struct RawToken(string Json);

/// <summary>Copies the bytes without looking at them: they were checked when they were read.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    /// <inheritdoc/>
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Messages of the server are never read.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}

/// <summary>Copies the text without looking at it: it was checked when it was read.</summary>
internal sealed class RawTokenConverter : JsonConverter<RawToken>
{
    /// <inheritdoc/>
    public override RawToken Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Messages of the server are never read.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawToken value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}
