using System.Buffers.Binary;

namespace ServerlessSync.Support.Archives;

/// <summary>An archive in one file, as a container keeps it, cut into the parts that the API takes (docs/operations.md).</summary>
public static class ArchiveFile
{
    private const int HeaderBytes = 128;
    private const int LengthAt = 20;

    /// <summary>The parts: each begins with a header of 128 bytes, which says at byte 20 how many follow it.</summary>
    public static IReadOnlyList<byte[]> Split(ReadOnlyMemory<byte> file)
    {
        var parts = new List<byte[]>();
        while (!file.IsEmpty)
        {
            var length = HeaderBytes + BinaryPrimitives.ReadInt32BigEndian(file.Span[LengthAt..]);
            parts.Add(file[..length].ToArray());
            file = file[length..];
        }

        return parts;
    }
}
