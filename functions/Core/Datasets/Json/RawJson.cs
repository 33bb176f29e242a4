using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>
/// Writes JSON from pieces of JSON text and copies them byte for byte. <see cref="Utf8JsonWriter"/> does not do that
/// for names.
/// </summary>
internal sealed class RawJson
{
    // Characters that need no escape; nearly all ids consist of them.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    // Ten digits and a sign.
    private const int IntegerBytesMax = 11;

    private byte[] buffer;
    private int length;
    private bool needsComma;

    /// <summary>Creates an empty text.</summary>
    /// <param name="capacity">The expected number of bytes.</param>
    public RawJson(int capacity = 256) => buffer = GC.AllocateUninitializedArray<byte>(capacity);

    /// <summary>The text, in the writer's own memory. Nothing may be written afterwards.</summary>
    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, length);

    public void BeginObject() => Begin((byte)'{');

    public void EndObject() => End((byte)'}');

    public void BeginArray() => Begin((byte)'[');

    public void EndArray() => End((byte)']');

    /// <summary>Writes a field's name, given as the text between its quotes.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        Separate();
        Byte((byte)'"');
        Write(name);
        Write("\":"u8);
        needsComma = false;
    }

    /// <summary>Writes a field's name, given as characters.</summary>
    public void Name(string name) => Name(JsonEncodedText.Encode(name).EncodedUtf8Bytes);

    /// <summary>Writes a value that is JSON text.</summary>
    public void Value(ReadOnlySpan<byte> json)
    {
        Separate();
        Write(json);
        needsComma = true;
    }

    /// <summary>Writes an id as its JSON value.</summary>
    public void Value(JsonId id)
    {
        Separate();
        if (id.IsNumber || id.HasSpelling || id.Text.AsSpan().ContainsAnyExcept(Plain))
        {
            Write(id.ToJson());
        }
        else
        {
            Byte((byte)'"');
            Write(id.Text);
            Byte((byte)'"');
        }

        needsComma = true;
    }

    /// <summary>Writes an integer.</summary>
    public void Value(int number)
    {
        Separate();
        number.TryFormat(Room(IntegerBytesMax), out var written, default, CultureInfo.InvariantCulture);
        length += written;
        needsComma = true;
    }

    /// <summary>Writes the fields of a JSON object into the open object.</summary>
    public void FieldsOf(ReadOnlySpan<byte> jsonObject)
    {
        var fields = jsonObject[1..^1];
        if (!fields.IsEmpty)
        {
            Value(fields);
        }
    }

    /// <summary>Returns the text and resets the writer.</summary>
    public byte[] Take()
    {
        var taken = GC.AllocateUninitializedArray<byte>(length);
        buffer.AsSpan(0, length).CopyTo(taken);
        length = 0;
        needsComma = false;
        return taken;
    }

    private void Begin(byte bracket)
    {
        Separate();
        Byte(bracket);
        needsComma = false;
    }

    private void End(byte bracket)
    {
        Byte(bracket);
        needsComma = true;
    }

    private void Separate()
    {
        if (needsComma)
        {
            Byte((byte)',');
        }
    }

    private void Byte(byte value)
    {
        Room(1)[0] = value;
        length++;
    }

    private void Write(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Room(json.Length));
        length += json.Length;
    }

    private void Write(string text) =>
        length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    /// <summary>The free end of the buffer, of at least <paramref name="bytes"/> bytes.</summary>
    private Span<byte> Room(int bytes)
    {
        if (buffer.Length - length < bytes)
        {
            Array.Resize(ref buffer, Math.Max(checked(length + bytes), (int)Math.Min(2L * buffer.Length, Array.MaxLength)));
        }

        return buffer.AsSpan(length);
    }
}
