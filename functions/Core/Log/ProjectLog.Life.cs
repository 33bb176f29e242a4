using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>How a project begins and ends. Each step can be done again (docs/decisions/0020-whole-projects.md).</content>
public sealed partial class ProjectLog
{
    /// <summary>Writers of a head that a deletion gives way to: each wins once, and after its loss an engine knows of the deletion.</summary>
    private static readonly OptimisticWrite Races = new(attemptsMax: 20);

    /// <summary>Begins to make a project: payloads follow, and then <see cref="CreateAsync"/>.</summary>
    internal Task BeginAsync(string writer, CancellationToken cancellationToken) =>
        store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [
                new TableAction.Insert(
                    RowKeys.Making(writer),
                    new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Payload.Format }
                ),
            ],
            cancellationToken
        );

    /// <summary>
    /// Makes the project's first rows. False when the project exists (or did: its head remains as a tombstone), or when what the writer
    /// stored was removed because it took too long.
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
                new TableAction.Delete(RowKeys.Making(writer), IfMatch: null),
            ],
            cancellationToken
        );
        return result is TransactionResult.Committed;
    }

    /// <summary>Whether the project is there, and is what this writer made.</summary>
    internal async Task<bool> IsMadeByAsync(string writer, CancellationToken cancellationToken) =>
        await ReadHeadAsync(cancellationToken) is { Value: { IsDeleted: false } head }
        && string.Equals(head.BaseKey, RowKeys.Base(writer), StringComparison.Ordinal);

    /// <summary>
    /// Removes what a writer stored for a project that it has not made, and keeps it from making it. False when it has made it after all.
    /// </summary>
    internal async Task<bool> AbandonAsync(string writer, CancellationToken cancellationToken)
    {
        await store.Background.SubmitAsync(
            TableName.Data,
            partition,
            [new TableAction.Delete(RowKeys.Making(writer), IfMatch: null)],
            cancellationToken
        );
        if (await IsMadeByAsync(writer, cancellationToken))
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

    /// <summary>The project's name as it was given at its creation; null for a project of a release that stored it in the catalogue alone.</summary>
    internal async Task<string?> ReadNameAsync(CancellationToken cancellationToken) =>
        (await store.GetAsync(TableName.Data, partition, RowKeys.Name, cancellationToken))?.GetString("name");

    /// <summary>Adds the name to a project of an older release. Nothing happens when the head has been written since, or the name is there.</summary>
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
    /// Deletes the project: from then on nobody has a right in it and no commit succeeds. What is left of it is for
    /// <see cref="PurgeAsync"/> to remove. Does nothing when it is deleted already.
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

                // The head's ETag fences the list that was read as well: every change of a list writes both.
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
    /// Removes every row of a deleted project but its head, which becomes its tombstone. Can be broken off and begun again, and finds what
    /// came late when it is done again. Nothing happens to a project that is there, also when it was restored from an archive a moment ago:
    /// whatever is removed is removed together with a write of the deleted head.
    /// </summary>
    internal async Task PurgeAsync(CancellationToken cancellationToken)
    {
        while (await PurgeSomeAsync(cancellationToken)) { }
    }

    /// <summary>Removes some rows of a deleted project. False when nothing was left to remove.</summary>
    private async Task<bool> PurgeSomeAsync(CancellationToken cancellationToken)
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

                // Until a look finds nothing: an engine may store a row that it was about to store when it learned of the deletion.
                var keys = await FindSomeAsync(cancellationToken);
                isMore = keys.Count > 0 || !head.Value.IsPurged;
                return !isMore || await RemoveAsync(head, keys, cancellationToken);
            },
            cancellationToken
        );
        return isMore;
    }

    /// <summary>The keys of some rows of a deleted project; none when only the head is left.</summary>
    private async Task<List<string>> FindSomeAsync(CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.All, RemovedTogetherMax + 1, cancellationToken)
        )
        {
            if (row.RowKey is not RowKeys.Head && keys.Count < RemovedTogetherMax)
            {
                keys.Add(row.RowKey);
            }
        }

        return keys;
    }

    /// <summary>Removes rows of a deleted project; without any, marks it as purged. False when others were faster: another purge, or a restore.</summary>
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
