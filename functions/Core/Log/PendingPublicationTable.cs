using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Table <c>due</c>: which engines may have committed revisions that nobody has published yet. One row per project and engine, all in one
/// partition, because a sweep reads the whole table and writes are rare: one when an engine begins to commit, one when it falls idle.
/// </summary>
/// <remarks>
/// A row is there before the first commit that it stands for, and is removed by its engine once all is published, or by a sweep after
/// the project's head was written anew: then no commit on the way can still succeed that relies on the row (decision 0012).
/// </remarks>
internal sealed class PendingPublicationTable(ITableStore store)
{
    private const string Partition = "due";
    private const long Format = 1;

    /// <summary>Project keys begin with n or s (JsonId.ToKey).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>Writes the row of an engine, or what it says when it is there.</summary>
    public Task WriteAsync(ProjectId project, string engine, DateTimeOffset time, bool owes, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["id"] = project.Id.ToJson(),
            ["since"] = time.ToUnixTimeMilliseconds(),
            ["owes"] = owes ? 1 : 0,
        };
        return store.SubmitAsync(
            TableName.Due,
            Partition,
            [new TableAction.Upsert(KeyOf(project, engine), properties)],
            cancellationToken
        );
    }

    /// <summary>Removes the row of an engine, whatever it says.</summary>
    public Task RemoveAsync(ProjectId project, string engine, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Due,
            Partition,
            [new TableAction.Delete(KeyOf(project, engine), IfMatch: null)],
            cancellationToken
        );

    /// <summary>Removes a row that has not been written since it was read. False when it has, or is gone.</summary>
    public async Task<bool> RemoveAsync(PendingPublication row, CancellationToken cancellationToken) =>
        await store.SubmitAsync(
            TableName.Due,
            Partition,
            [new TableAction.Delete(row.Key, row.ETag)],
            cancellationToken
        )
            is TransactionResult.Committed;

    /// <summary>The rows, those of one project together; at most <paramref name="limit"/>.</summary>
    public async Task<List<PendingPublication>> ReadAsync(int limit, CancellationToken cancellationToken)
    {
        var rows = new List<PendingPublication>();
        await foreach (var row in store.QueryAsync(TableName.Due, Partition, Everything, limit, cancellationToken))
        {
            StoredFormat.Check(row, Format);
            rows.Add(Read(row));
        }

        return rows;
    }

    private static string KeyOf(ProjectId project, string engine) => $"{project.Key}:{engine}";

    private static PendingPublication Read(TableRow row)
    {
        using var document = JsonDocument.Parse(row.GetString("id") ?? "null");
        return JsonId.TryRead(document.RootElement, out var id) && row.GetInt64("since") is { } since
            ? new PendingPublication(new ProjectId(id), row.RowKey, row.ETag, DateTimeOffset.FromUnixTimeMilliseconds(since), row.GetInt64("owes") is > 0)
            : throw new InvalidDataException($"Row '{row.RowKey}' of table '{TableName.Due}' cannot be read.");
    }
}

/// <summary>A project in which an engine may have committed something that is not published.</summary>
/// <param name="Project">The project.</param>
/// <param name="Key">The row.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Since">When its engine wrote it last, by the engine's clock.</param>
/// <param name="Owes">Whether connections of the project are owed a dataset (decision 0006).</param>
internal sealed record PendingPublication(ProjectId Project, string Key, ETag ETag, DateTimeOffset Since, bool Owes);
