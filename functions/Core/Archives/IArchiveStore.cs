namespace ServerlessSync.Core.Archives;

/// <summary>Where the parts of archives are kept. Parts are opaque here; the reader checks them.</summary>
public interface IArchiveStore
{
    /// <summary>Keeps a part, in the place of one of the same number.</summary>
    /// <param name="archive">The archive's name: 1 to 32 letters and digits of ASCII, <c>-</c> and <c>_</c>.</param>
    /// <param name="number">The part's number, from 1 on.</param>
    /// <param name="part">At most <see cref="ArchiveLimits.PartBytesMax"/> bytes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task WriteAsync(string archive, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken);

    /// <summary>A part, or null when it is not there or not whole.</summary>
    Task<byte[]?> ReadAsync(string archive, int number, CancellationToken cancellationToken);

    /// <summary>Removes all parts of an archive. Can be broken off and begun again.</summary>
    Task RemoveAsync(string archive, CancellationToken cancellationToken);
}
