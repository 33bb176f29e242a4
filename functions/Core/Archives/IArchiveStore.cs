namespace ServerlessSync.Core.Archives;

/// <summary>Stores the parts of archives. Parts are opaque to the store; the reader validates them.</summary>
public interface IArchiveStore
{
    /// <summary>Stores a part, replacing one of the same number.</summary>
    /// <param name="archive">The archive's name: 1 to 32 ASCII letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <param name="number">The part's number, from 1 on.</param>
    /// <param name="part">At most <see cref="ArchiveLimits.PartBytesMax"/> bytes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    Task WriteAsync(string archive, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken);

    /// <summary>Reads a part; null when it is missing or incomplete.</summary>
    Task<byte[]?> ReadAsync(string archive, int number, CancellationToken cancellationToken);

    /// <summary>Removes all parts of an archive. An interrupted removal can be repeated.</summary>
    Task RemoveAsync(string archive, CancellationToken cancellationToken);
}
