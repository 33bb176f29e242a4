using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Where scheduled archives are kept, outside of the tables. An archive is there whole or not at all. May be called from many threads, and each call
/// may be repeated.
/// </summary>
/// <remarks>Every call throws <see cref="StorageException"/> when the container cannot be reached or refuses; asking again later is safe.</remarks>
public interface IArchiveContainer
{
    /// <summary>Keeps a part of an archive that is not there yet, in the place of one of the same number.</summary>
    /// <param name="name">The archive, as <see cref="ArchiveName"/> writes it.</param>
    /// <param name="number">The part's number, from 1 to <see cref="ArchiveLimits.PartsMax"/>.</param>
    /// <param name="part">At most <see cref="ArchiveLimits.PartBytesMax"/> bytes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task StageAsync(string name, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an archive of the parts that were staged, one behind the other. False when one of them is not there any more: a container may forget
    /// parts after some days. True also when the archive is there already.
    /// </summary>
    Task<bool> CommitAsync(string name, ArchiveLabel label, CancellationToken cancellationToken);

    /// <summary>The names of the archives that are there and begin with a prefix, in no order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an archive; no error when it is gone.</summary>
    Task RemoveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>What a container notes beside an archive, for people who look for one.</summary>
/// <param name="Parts">How many parts follow each other in it.</param>
/// <param name="Revision">The revision of the state in it.</param>
/// <param name="Digest">The digest of its last part in hexadecimal digits, which stands for the whole.</param>
public sealed record ArchiveLabel(int Parts, long Revision, string Digest);
