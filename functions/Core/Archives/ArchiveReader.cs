using System.Globalization;
using ServerlessSync.Core.Memory;

namespace ServerlessSync.Core.Archives;

/// <summary>A position between two items.</summary>
/// <param name="Part">The number of the part; 0 before the first.</param>
/// <param name="Offset">Bytes of its piece that have been read.</param>
/// <param name="Previous">The digest of the previous part.</param>
internal sealed record ArchivePosition(int Part, int Offset, ReadOnlyMemory<byte> Previous)
{
    public static ArchivePosition Start { get; } = new(1, 0, ArchivePart.NoDigest);
}

/// <summary>
/// Reads the stream of an archive part by part, and validates each against the previous one. Holds one part in memory.
/// </summary>
/// <exception cref="ArchiveException">A part is missing, altered, or of another archive.</exception>
internal sealed class ArchiveReader(IArchiveStore store, string archive, MemoryAccount memory)
{
    private ArchivePart? part;
    private ArchivePosition position = ArchivePosition.Start;
    private string? name;

    /// <summary>The account for unpacked bytes.</summary>
    public MemoryAccount Memory => memory;

    /// <summary>The part that is being read.</summary>
    public int Part => position.Part;

    /// <summary>Moves to an earlier value of <see cref="Position"/>.</summary>
    public void Seek(ArchivePosition to)
    {
        position = to;
        part = null;
    }

    /// <summary>The current position.</summary>
    public ArchivePosition Position => position;

    /// <summary>The digest of the part that is being read.</summary>
    public ReadOnlyMemory<byte> Digest => part?.Digest ?? default;

    /// <summary>The unread bytes of the current part; never empty.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancellationToken)
    {
        part ??= await LoadAsync(cancellationToken);
        while (position.Offset == part.Body.Length)
        {
            if (part.IsLast)
            {
                throw Fault("ends before the archive does");
            }

            position = new ArchivePosition(position.Part + 1, 0, part.Digest);
            part = await LoadAsync(cancellationToken);
        }

        return part.Body[position.Offset..];
    }

    /// <summary>Consumes bytes.</summary>
    public void Advance(int bytes) => position = position with { Offset = position.Offset + bytes };

    /// <summary>Reads the kind of the next item.</summary>
    public async ValueTask<ArchiveItemKind> NextAsync(CancellationToken cancellationToken)
    {
        var kind = (await PeekAsync(cancellationToken)).Span[0];
        Advance(1);
        return (ArchiveItemKind)kind;
    }

    /// <summary>Checks that the stream has ended.</summary>
    public void End()
    {
        if (part is not { IsLast: true } || position.Offset != part.Body.Length)
        {
            throw Fault("continues after the end of the archive");
        }
    }

    /// <summary>Creates the exception for a fault at this position.</summary>
    public ArchiveException Fault(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"part {position.Part} {what}"));

    private async Task<ArchivePart> LoadAsync(CancellationToken cancellationToken)
    {
        if (
            position.Part > ArchiveLimits.PartsMax
            || await store.ReadAsync(archive, position.Part, cancellationToken) is not { } bytes
        )
        {
            throw Fault("is missing");
        }

        var read = ArchivePart.TryRead(bytes, out var reason) ?? throw Fault(reason);
        if (read.Number != position.Part)
        {
            throw Fault($"is number {read.Number.ToString(CultureInfo.InvariantCulture)} of its archive");
        }

        name ??= read.Archive;
        if (!string.Equals(name, read.Archive, StringComparison.Ordinal) || !read.Previous.Span.SequenceEqual(position.Previous.Span))
        {
            throw Fault("does not follow the one before it: one of the two is of another archive");
        }

        return read;
    }
}
