using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessSync.Protocol.Wire;

/// <summary>
/// Where a value stands in the JSON text that was read, and its type; the default value means that it is absent.
/// Wire types for reading are made of slices, so that a value of the wrong type is found by us, with the name of its
/// field, and so that a change set can be kept as the very bytes that the client sent.
/// </summary>
/// <param name="Kind">The token it starts with; <see cref="JsonTokenType.None"/> when absent.</param>
/// <param name="Start">Offset in bytes from the start of the text that was read.</param>
/// <param name="Length">Bytes, quotes and brackets included.</param>
[JsonConverter(typeof(JsonSliceConverter))]
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JsonSlice(JsonTokenType Kind, int Start, int Length)
{
    /// <summary>Whether there is nothing to read: the browser's <c>undefined</c> or <c>null</c>.</summary>
    public bool IsNothing => Kind is JsonTokenType.None or JsonTokenType.Null;

    /// <summary>Whether it is what the dialect uses as id or token.</summary>
    public bool IsStringOrNumber => Kind is JsonTokenType.String or JsonTokenType.Number;

    /// <summary>Its bytes, given the text that it was read from.</summary>
    public ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> text) => text.Slice(Start, Length);

    /// <summary>Its JSON text, given the text that it was read from.</summary>
    public string TextIn(ReadOnlyMemory<byte> text) => Encoding.UTF8.GetString(In(text).Span);
}

/// <summary>Steps over a value and remembers where it was. Works for texts in one piece, which is all that we read.</summary>
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
