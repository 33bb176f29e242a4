using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// One part of an archive: a header of 128 bytes and a piece of the archive's stream. Its digest covers the header and
/// the piece, and the header contains the digest of the previous part, so the digest of the last part identifies the
/// whole archive.
/// </summary>
/// <remarks>
/// Big-endian: <c>SYNCARCH</c>, format (4 bytes), number from 1 on (4), 1 in the last part (4), bytes of the piece (4),
/// name of the archive (32, ASCII, filled up with zeros), digest of the previous part (32, zeros in the first), zeros
/// (8), SHA-256 of the preceding bytes and the piece (32).
/// </remarks>
internal sealed record ArchivePart(
    string Archive,
    int Number,
    bool IsLast,
    ReadOnlyMemory<byte> Previous,
    ReadOnlyMemory<byte> Digest,
    ReadOnlyMemory<byte> Body
)
{
    public const int HeaderBytes = 128;
    public const int BodyBytesMax = ArchiveLimits.PartBytesMax - HeaderBytes;
    public const int DigestBytes = SHA256.HashSizeInBytes;
    private const int Format = 1;
    private const int FormatAt = 8;
    private const int NumberAt = 12;
    private const int LastAt = 16;
    private const int LengthAt = 20;
    private const int NameAt = 24;
    private const int NameBytes = 32;
    private const int PreviousAt = 56;
    private const int DigestAt = 96;

    private static ReadOnlySpan<byte> Magic => "SYNCARCH"u8;

    /// <summary>The previous digest of the first part.</summary>
    public static ReadOnlyMemory<byte> NoDigest { get; } = new byte[DigestBytes];

    /// <summary>Whether a text is a valid archive name: 1 to 32 ASCII letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= NameBytes && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    /// <summary>Creates a part.</summary>
    public static ArchivePart Make(string archive, int number, bool isLast, ReadOnlyMemory<byte> previous, ReadOnlyMemory<byte> body) =>
        new(archive, number, isLast, previous, Digest: default, body);

    /// <summary>The bytes of a part and its digest.</summary>
    public byte[] ToBytes(out byte[] digest)
    {
        var bytes = new byte[HeaderBytes + Body.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(FormatAt), Format);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(NumberAt), Number);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(LastAt), IsLast ? 1 : 0);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(LengthAt), Body.Length);
        Encoding.ASCII.GetBytes(Archive, bytes.AsSpan(NameAt, NameBytes));
        Previous.Span.CopyTo(bytes.AsSpan(PreviousAt));
        Body.Span.CopyTo(bytes.AsSpan(HeaderBytes));
        digest = DigestOf(bytes);
        digest.CopyTo(bytes.AsSpan(DigestAt));
        return bytes;
    }

    /// <summary>Reads a part. Null, with a reason, when the bytes are not a part or were altered.</summary>
    public static ArchivePart? TryRead(ReadOnlyMemory<byte> bytes, out string reason)
    {
        reason = "is not a part of an archive";
        if (bytes.Length < HeaderBytes || !bytes.Span.StartsWith(Magic))
        {
            return null;
        }

        var format = Integer(bytes, FormatAt);
        if (format != Format)
        {
            reason = $"has format {format}; this version reads format {Format}";
            return null;
        }

        var length = Integer(bytes, LengthAt);
        if (length != bytes.Length - HeaderBytes)
        {
            reason = $"has {bytes.Length} bytes, but states {(long)length + HeaderBytes}";
            return null;
        }

        var digest = bytes.Slice(DigestAt, DigestBytes);
        if (!DigestOf(bytes.Span).AsSpan().SequenceEqual(digest.Span))
        {
            reason = "was altered: its digest does not fit its bytes";
            return null;
        }

        reason = "names no archive";
        var name = Encoding.ASCII.GetString(bytes.Span.Slice(NameAt, NameBytes)).TrimEnd('\0');
        return IsName(name)
            ? new ArchivePart(
                name,
                Integer(bytes, NumberAt),
                Integer(bytes, LastAt) == 1,
                bytes.Slice(PreviousAt, DigestBytes),
                digest,
                bytes[HeaderBytes..]
            )
            : null;
    }

    private static int Integer(ReadOnlyMemory<byte> bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.Span[at..]);

    private static byte[] DigestOf(ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes[..DigestAt]);
        hash.AppendData(bytes[HeaderBytes..]);
        return hash.GetHashAndReset();
    }
}
