using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Stores scheduled archives outside table storage. An archive exists completely or not at all. Implementations are thread-safe, and each call is
/// idempotent.
/// </summary>
/// <remarks>Every call throws <see cref="StorageException"/> when the container cannot be reached or refuses. Retrying is safe.</remarks>
public interface IArchiveContainer
{
    /// <summary>Stages a part of an archive that is not committed yet. Replaces a staged part of the same number.</summary>
    /// <param name="name">The archive, as <see cref="ArchiveName"/> writes it.</param>
    /// <param name="number">The part's number, from 1 to <see cref="ArchiveLimits.PartsMax"/>.</param>
    /// <param name="part">At most <see cref="ArchiveLimits.PartBytesMax"/> bytes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task StageAsync(string name, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken);

    /// <summary>
    /// Creates the archive from its staged parts, in their order. False when a part is missing: a container may discard staged parts after some days.
    /// True also when the archive already exists.
    /// </summary>
    Task<bool> CommitAsync(string name, ArchiveLabel label, CancellationToken cancellationToken);

    /// <summary>The names of the committed archives that begin with a prefix, in no particular order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an archive. No error when it does not exist.</summary>
    Task RemoveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The metadata of an archive, by which people find one.</summary>
/// <param name="Parts">The number of its parts.</param>
/// <param name="Revision">The revision of the archived state.</param>
/// <param name="Digest">The digest of its last part in hexadecimal digits, which covers the whole archive.</param>
public sealed record ArchiveLabel(int Parts, long Revision, string Digest);
