using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>
/// Creation and deletion of a project. Every step is idempotent (docs/decisions/0020-whole-projects.md).
/// </content>
public sealed partial class ProjectLog
{
    /// <summary>
    /// A deletion can lose to each engine once. The next write of such an engine fails, and it learns of the deletion.
    /// </summary>
    private static readonly OptimisticWrite Races = new(attemptsMax: 20);

    /// <summary>Begins the creation of a project. Payloads follow, and then <see cref="CreateAsync"/>.</summary>
    internal Task BeginAsync(string writer, CancellationToken cancellationToken) =>
        store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [
                new TableAction.Insert(
                    RowKeys.Creating(writer),
                    new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Payload.Format }
                ),
            ],
            cancellationToken
        );

    /// <summary>
    /// Writes the project's first rows. False when the project exists or existed (its head remains as a tombstone), or
    /// when the writer took too long and its rows were removed.
    /// </summary>
    internal async Task<bool> CreateAsync(string writer, string name, AccessList access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(access);
        var result = await store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [
                new TableAction.Insert(RowKeys.Head, Head.New(RowKeys.Base(writer)).ToProperties()),
                new TableAction.Insert(RowKeys.Access, AccessRow.Of(access).ToProperties()),
                new TableAction.Insert(RowKeys.Name, NameProperties(name)),
                new TableAction.Delete(RowKeys.Creating(writer), IfMatch: null),
            ],
            cancellationToken
        );
        return result is TransactionResult.Committed;
    }

    /// <summary>Whether the project exists and this writer created it.</summary>
    internal async Task<bool> IsCreatedByAsync(string writer, CancellationToken cancellationToken) =>
        await ReadHeadAsync(cancellationToken) is { Value: { IsDeleted: false } head }
        && string.Equals(head.BaseKey, RowKeys.Base(writer), StringComparison.Ordinal);

    /// <summary>
    /// Removes the rows of a writer that has not created the project, and prevents it from doing so. False when it has
    /// created it after all.
    /// </summary>
    internal async Task<bool> AbandonAsync(string writer, CancellationToken cancellationToken)
    {
        await store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [new TableAction.Delete(RowKeys.Creating(writer), IfMatch: null)],
            cancellationToken
        );
        if (await IsCreatedByAsync(writer, cancellationToken))
        {
            return false;
        }

        await RemovePayloadAsync(RowKeys.Base(writer), cancellationToken);
        var contents = new HashSet<string>(StringComparer.Ordinal);
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.AllVersionContents, limit: null, cancellationToken)
        )
        {
            if (RowKeys.IsVersionContentOf(row.RowKey, writer))
            {
                contents.Add(row.RowKey);
            }
        }

        foreach (var key in contents)
        {
            await RemovePayloadAsync(key, cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// The name that the project got at its creation; null for a project of a release that stored names in the catalogue
    /// only.
    /// </summary>
    internal async Task<string?> ReadNameAsync(CancellationToken cancellationToken) =>
        (await store.GetAsync(TableName.Data, partition, RowKeys.Name, cancellationToken))?.GetString("name");

    /// <summary>
    /// Adds the name to a project of an older release. Does nothing when the head was written since, or the name
    /// exists.
    /// </summary>
    internal Task AddNameAsync(StoredHead head, string name, CancellationToken cancellationToken) =>
        store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [
                new TableAction.Replace(RowKeys.Head, head.Value.ToProperties(), head.ETag),
                new TableAction.Insert(RowKeys.Name, NameProperties(name)),
            ],
            cancellationToken
        );

    private static Dictionary<string, TableValue> NameProperties(string name) =>
        new(StringComparer.Ordinal) { ["format"] = Payload.Format, ["name"] = name };

    /// <summary>
    /// Deletes the project: it grants no rights any more and no commit succeeds. <see cref="PurgeAsync"/> removes its
    /// rows. Does nothing when the project is deleted already.
    /// </summary>
    /// <returns>The head and the access list of the deleted project; null when there is no such project.</returns>
    internal async Task<(StoredHead Head, AccessRow Access)?> DeleteAsync(CancellationToken cancellationToken)
    {
        (StoredHead, AccessRow)? deleted = null;
        await Races.RunAsync(
            $"The deletion of project {Project}",
            async () =>
            {
                if (await ReadHeadAsync(cancellationToken) is not { } head)
                {
                    return true;
                }

                var access = await ReadAccessAsync(cancellationToken);
                if (head.Value.IsDeleted)
                {
                    deleted = (head, access);
                    return true;
                }

                // The head's ETag fences the access list too: every change of the list writes both.
                var row = access.Deleted();
                var written = await WriteAsync(head, head.Value.Deleted(), commit: null, drained: [], cancellationToken, row);
                deleted = written is null ? null : (written, row);
                return deleted is not null;
            },
            cancellationToken
        );
        return deleted;
    }

    /// <summary>
    /// Removes every row of a deleted project but its head, which becomes its tombstone. It can be interrupted and
    /// repeated; a repetition also removes rows that were written late. A project that exists, or has just been
    /// restored from an archive, is safe: rows are removed only in one transaction with a write of the deleted head.
    /// </summary>
    internal async Task PurgeAsync(CancellationToken cancellationToken)
    {
        while (await PurgeBatchAsync(cancellationToken)) { }
    }

    /// <summary>Removes some rows of a deleted project. False when nothing was left to remove.</summary>
    private async Task<bool> PurgeBatchAsync(CancellationToken cancellationToken)
    {
        var isMore = false;
        await Races.RunAsync(
            $"The purge of project {Project}",
            async () =>
            {
                isMore = false;
                if (await ReadHeadAsync(cancellationToken) is not { Value.IsDeleted: true } head)
                {
                    return true;
                }

                // Repeat until no row is found: an engine may still write a row that was in flight when it learned of
                // the deletion.
                var keys = await FindBatchAsync(cancellationToken);
                isMore = keys.Count > 0 || !head.Value.IsPurged;
                return !isMore || await RemoveAsync(head, keys, cancellationToken);
            },
            cancellationToken
        );
        return isMore;
    }

    /// <summary>The keys of some rows of a deleted project; none when only the head is left.</summary>
    private async Task<List<string>> FindBatchAsync(CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.All, RemovedPerTransactionMax + 1, cancellationToken)
        )
        {
            if (row.RowKey is not RowKeys.Head && keys.Count < RemovedPerTransactionMax)
            {
                keys.Add(row.RowKey);
            }
        }

        return keys;
    }

    /// <summary>
    /// Removes rows of a deleted project; without any, marks it as purged. False when another purge or a restore was
    /// faster.
    /// </summary>
    private async Task<bool> RemoveAsync(StoredHead head, List<string> keys, CancellationToken cancellationToken)
    {
        var next = keys.Count == 0 ? head.Value.Tombstone() : head.Value;
        var result = await store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [
                new TableAction.Replace(RowKeys.Head, next.ToProperties(), head.ETag),
                .. keys.Select(static key => new TableAction.Delete(key, IfMatch: null)),
            ],
            cancellationToken
        );
        return result is TransactionResult.Committed;
    }
}
