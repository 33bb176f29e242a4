using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Table <c>due</c>: the engines that may have committed but not published revisions. One row per project and engine,
/// all in one partition: a sweep reads the whole table, and writes are rare (one when an engine begins to commit, one
/// when it becomes idle).
/// </summary>
/// <remarks>
/// A row exists before the first commit that it covers. Its engine removes it once everything is published. A sweep
/// removes it only after rewriting the project's head, so that no commit in flight that relies on the row can still
/// succeed (decision 0012).
/// </remarks>
internal sealed class PendingPublicationTable(ITableStore store)
{
    private const string Partition = "due";
    private const long Format = 1;

    /// <summary>Project keys begin with n or s (JsonId.ToKey).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>Inserts or replaces the row of an engine.</summary>
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

    /// <summary>Removes the row of an engine unconditionally.</summary>
    public Task RemoveAsync(ProjectId project, string engine, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Due,
            Partition,
            [new TableAction.Delete(KeyOf(project, engine), IfMatch: null)],
            cancellationToken
        );

    /// <summary>
    /// Removes a row unless it was written since it was read. False when it was, or no longer exists.
    /// </summary>
    public async Task<bool> RemoveAsync(PendingPublication row, CancellationToken cancellationToken) =>
        await store.SubmitAsync(
            TableName.Due,
            Partition,
            [new TableAction.Delete(row.Key, row.ETag)],
            cancellationToken
        )
            is TransactionResult.Committed;

    /// <summary>The rows, grouped by project; at most <paramref name="limit"/>.</summary>
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

/// <summary>A project with possibly unpublished revisions of one engine.</summary>
/// <param name="Project">The project.</param>
/// <param name="Key">The row's key.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Since">When its engine last wrote it, by the engine's clock.</param>
/// <param name="Owes">Whether connections of the project are owed a dataset (decision 0006).</param>
internal sealed record PendingPublication(ProjectId Project, string Key, ETag ETag, DateTimeOffset Since, bool Owes);
