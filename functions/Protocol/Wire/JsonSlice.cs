using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessSync.Protocol.Wire;

/// <summary>
/// The position and type of a value in the JSON text that was read; the default value means that it is absent. Wire types
/// for reading consist of slices, so that we detect a value of the wrong type ourselves and can name its field, and so that
/// a change set keeps the exact bytes that the client sent.
/// </summary>
/// <param name="Kind">The first token; <see cref="JsonTokenType.None"/> when the value is absent.</param>
/// <param name="Start">The offset in bytes from the start of the text.</param>
/// <param name="Length">The length in bytes, quotes and brackets included.</param>
[JsonConverter(typeof(JsonSliceConverter))]
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JsonSlice(JsonTokenType Kind, int Start, int Length)
{
    /// <summary>Whether the value is absent: the browser's <c>undefined</c> or <c>null</c>.</summary>
    public bool IsNothing => Kind is JsonTokenType.None or JsonTokenType.Null;

    /// <summary>Whether the value has a type that the dialect uses for ids and tokens.</summary>
    public bool IsStringOrNumber => Kind is JsonTokenType.String or JsonTokenType.Number;

    /// <summary>The bytes of the value, given the text it was read from.</summary>
    public ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> text) => text.Slice(Start, Length);

    /// <summary>The JSON text of the value, given the text it was read from.</summary>
    public string TextIn(ReadOnlyMemory<byte> text) => Encoding.UTF8.GetString(In(text).Span);
}

/// <summary>Skips a value and records its position. Requires contiguous text, which is all that is read here.</summary>
internal sealed class JsonSliceConverter : JsonConverter<JsonSlice>
{
    /// <inheritdoc/>
    public override JsonSlice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var kind = reader.TokenType;
        var start = reader.TokenStartIndex;
        reader.Skip();
        return new JsonSlice(kind, checked((int)start), checked((int)(reader.BytesConsumed - start)));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JsonSlice value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A slice has no bytes of its own.");
}
