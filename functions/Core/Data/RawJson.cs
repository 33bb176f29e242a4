using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Writes JSON from pieces that are JSON text already and keeps them byte for byte, which
/// <see cref="Utf8JsonWriter"/> does not do for names.
/// </summary>
internal sealed class RawJson
{
    // Needs no escape anywhere, and nearly all ids are made of it.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    private readonly ArrayBufferWriter<byte> _buffer;
    private bool _needsComma;

    /// <summary>An empty text.</summary>
    /// <param name="capacity">Bytes that it will have, more or less.</param>
    public RawJson(int capacity = 256) => _buffer = new ArrayBufferWriter<byte>(capacity);

    /// <summary>What was written so far.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void BeginObject() => Begin((byte)'{');

    public void EndObject() => End((byte)'}');

    public void BeginArray() => Begin((byte)'[');

    public void EndArray() => End((byte)']');

    /// <summary>Writes a field's name, given as the text between its quotes.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        Separate();
        Byte((byte)'"');
        _buffer.Write(name);
        _buffer.Write("\":"u8);
        _needsComma = false;
    }

    /// <summary>Writes a field's name, given as characters.</summary>
    public void Name(string name) => Name(JsonEncodedText.Encode(name).EncodedUtf8Bytes);

    /// <summary>Writes a value that is JSON text.</summary>
    public void Value(ReadOnlySpan<byte> json)
    {
        Separate();
        _buffer.Write(json);
        _needsComma = true;
    }

    /// <summary>Writes an id as the JSON value that it is.</summary>
    public void Value(JsonId id)
    {
        Separate();
        if (id.IsNumber || id.Text.AsSpan().ContainsAnyExcept(Plain))
        {
            Encoding.UTF8.GetBytes(id.ToJson(), _buffer);
        }
        else
        {
            Byte((byte)'"');
            Encoding.UTF8.GetBytes(id.Text, _buffer);
            Byte((byte)'"');
        }

        _needsComma = true;
    }

    /// <summary>Writes an integer.</summary>
    public void Value(int number)
    {
        Separate();
        number.TryFormat(_buffer.GetSpan(16), out var written, default, CultureInfo.InvariantCulture);
        _buffer.Advance(written);
        _needsComma = true;
    }

    /// <summary>Writes the fields of a JSON object into the object that is open.</summary>
    public void FieldsOf(ReadOnlySpan<byte> jsonObject)
    {
        var fields = jsonObject[1..^1];
        if (!fields.IsEmpty)
        {
            Value(fields);
        }
    }

    /// <summary>Takes the text and begins anew.</summary>
    public byte[] Take()
    {
        var taken = _buffer.WrittenSpan.ToArray();
        _buffer.ResetWrittenCount();
        _needsComma = false;
        return taken;
    }

    private void Begin(byte bracket)
    {
        Separate();
        Byte(bracket);
        _needsComma = false;
    }

    private void End(byte bracket)
    {
        Byte(bracket);
        _needsComma = true;
    }

    private void Separate()
    {
        if (_needsComma)
        {
            Byte((byte)',');
        }
    }

    private void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }
}
