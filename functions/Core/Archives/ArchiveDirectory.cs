using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>The table of open archives and uploads, one row each.</summary>
internal sealed class ArchiveDirectory(ITableStore store, TimeProvider time)
{
    public const long Format = 1;

    /// <summary>
    /// The duration of a claim: the host ends a function after a minute, and clocks may differ by some seconds.
    /// </summary>
    private static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(2);

    private const string Partition = "archives";

    /// <summary>Finds an archive by name; null when there is none.</summary>
    public async Task<OpenArchive?> FindAsync(string name, CancellationToken cancellationToken) =>
        await store.GetAsync(TableName.Projects, Partition, name, cancellationToken) is { } row ? Read(row) : null;

    /// <summary>All archives.</summary>
    public async Task<List<OpenArchive>> ListAsync(CancellationToken cancellationToken)
    {
        var archives = new List<OpenArchive>();
        await foreach (
            var row in store.QueryAsync(TableName.Projects, Partition, new RowRange("-", "~"), limit: null, cancellationToken)
        )
        {
            archives.Add(Read(row));
        }

        return archives;
    }

    /// <summary>Adds an archive.</summary>
    public Task AddAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Projects,
            Partition,
            [new TableAction.Insert(archive.Name, archive.ToProperties())],
            cancellationToken
        );

    /// <summary>Claims an archive for a request. Null when another request has claimed it.</summary>
    public async Task<OpenArchive?> ClaimAsync(OpenArchive archive, string worker, CancellationToken cancellationToken) =>
        archive.Worker.Length > 0 && archive.WorkerExpires > time.GetUtcNow()
            ? null
            : await TrySaveAsync(archive with { Worker = worker, WorkerExpires = time.GetUtcNow() + ClaimTime }, cancellationToken);

    /// <summary>Saves the progress of the claim's holder.</summary>
    /// <exception cref="StorageException">
    /// The claim has expired and another request has claimed the archive.
    /// </exception>
    public async Task<OpenArchive> SaveAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        await TrySaveAsync(archive, cancellationToken)
        ?? throw new StorageException($"Another request works on archive {archive.Name}.", outcomeUnknown: false);

    /// <summary>Saves the progress of the claim's holder and releases the claim.</summary>
    public Task<OpenArchive> ReleaseAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        SaveAsync(archive with { Worker = string.Empty }, cancellationToken);

    /// <summary>Removes an archive's row; no error when it does not exist.</summary>
    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        store.SubmitAsync(TableName.Projects, Partition, [new TableAction.Delete(name, IfMatch: null)], cancellationToken);

    private async Task<OpenArchive?> TrySaveAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        await store.SubmitAsync(
            TableName.Projects,
            Partition,
            [new TableAction.Replace(archive.Name, archive.ToProperties(), archive.ETag)],
            cancellationToken
        )
            is TransactionResult.Committed committed
            ? archive with { ETag = committed.ETags[0]!.Value }
            : null;

    private static OpenArchive Read(TableRow row)
    {
        StoredFormat.Check(row, Format);
        using var document = JsonDocument.Parse(
            row.GetString("id") ?? throw new InvalidDataException($"Archive row '{row.RowKey}' has no 'id'.")
        );
        return JsonId.TryRead(document.RootElement, out var id)
            ? OpenArchive.FromRow(row, new ProjectId(id))
            : throw new InvalidDataException($"Archive row '{row.RowKey}' has an unreadable id.");
    }
}
