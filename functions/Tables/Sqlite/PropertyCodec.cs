using System.Text;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Sqlite;

/// <summary>
/// Encodes the properties of a row as one binary value: a format byte, a count, and for each property its name, a type byte
/// and the value. Lengths are 7-bit encoded integers, text is UTF-8.
/// </summary>
internal static class PropertyCodec
{
    private const byte Format = 1;
    private const byte StringType = 1;
    private const byte Int64Type = 2;
    private const byte BinaryType = 3;

    public static byte[] Encode(IReadOnlyDictionary<string, TableValue> properties)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(Format);
        writer.Write7BitEncodedInt(properties.Count);
        foreach (var (name, value) in properties)
        {
            writer.Write(name);
            if (value.IsString)
            {
                writer.Write(StringType);
                writer.Write(value.AsString());
            }
            else if (value.IsInt64)
            {
                writer.Write(Int64Type);
                writer.Write(value.AsInt64());
            }
            else
            {
                writer.Write(BinaryType);
                writer.Write7BitEncodedInt(value.AsBinary().Length);
                writer.Write(value.AsBinary().Span);
            }
        }

        writer.Flush();
        return buffer.ToArray();
    }

    /// <summary>Decodes the properties; throws <see cref="StorageException"/> for another format.</summary>
    public static IReadOnlyDictionary<string, TableValue> Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            return Decode(reader);
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            throw new StorageException("A row of the table file is damaged.", outcomeUnknown: false, exception);
        }
    }

    private static Dictionary<string, TableValue> Decode(BinaryReader reader)
    {
        RequireKnown(reader.ReadByte(), Format);
        var count = reader.Read7BitEncodedInt();
        var properties = new Dictionary<string, TableValue>(count, StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var name = reader.ReadString();
            var type = reader.ReadByte();
            properties[name] = type switch
            {
                StringType => TableValue.FromString(reader.ReadString()),
                Int64Type => TableValue.FromInt64(reader.ReadInt64()),
                _ => TableValue.FromByteArray(ReadBinary(reader, type)),
            };
        }

        return properties;
    }

    private static byte[] ReadBinary(BinaryReader reader, byte type)
    {
        RequireKnown(type, BinaryType);
        var length = reader.Read7BitEncodedInt();
        var value = reader.ReadBytes(length);
        return value.Length == length ? value : throw new EndOfStreamException();
    }

    private static void RequireKnown(byte found, byte known)
    {
        if (found != known)
        {
            throw new StorageException(
                $"A row of the table file is damaged or was written by a newer version: found marker {found}, expected {known}.",
                outcomeUnknown: false
            );
        }
    }
}
