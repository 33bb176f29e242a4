using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// The rows of one project: head, commits, base dataset, snapshots and access list
/// (docs/architecture.md#rows-of-a-project).
/// </summary>
public sealed partial class ProjectLog
{
    private readonly ITableStore store;
    private readonly string partition;

    /// <summary>Opens the log of a project without I/O.</summary>
    public ProjectLog(ITableStore store, ProjectId project)
    {
        this.store = store;
        partition = project.Key;
        Project = project;
    }

    /// <summary>The project.</summary>
    public ProjectId Project { get; }

    /// <summary>The head, or null when there is no such project.</summary>
    public async Task<StoredHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Data, partition, RowKeys.Head, cancellationToken);
        return row is null ? null : new StoredHead(Head.FromRow(row), row.ETag);
    }

    /// <summary>
    /// Replaces the head that was read and, in the same transaction, writes a commit. Null when another writer was
    /// first.
    /// </summary>
    /// <exception cref="StorageException">
    /// The store failed; after an unknown outcome the head must be read again.
    /// </exception>
    public async Task<StoredHead?> WriteAsync(
        StoredHead expected,
        Head next,
        Commit? commit,
        CancellationToken cancellationToken
    ) => await WriteAsync(expected, next, commit, drained: [], cancellationToken);

    /// <summary>The same, with the receipts of inbox rows that the commit drains.</summary>
    internal async Task<StoredHead?> WriteAsync(
        StoredHead expected,
        Head next,
        Commit? commit,
        IReadOnlyList<InboxReceipt> drained,
        CancellationToken cancellationToken,
        AccessRow? access = null
    )
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(next);
        var actions = new List<TableAction>(2)
        {
            new TableAction.Replace(RowKeys.Head, next.ToProperties(), expected.ETag),
        };
        if (commit is not null)
        {
            CheckNumbers(expected.Value, next, commit);
            actions.AddRange(CommitCodec.ToRows(commit));
        }

        actions.AddRange(drained.Select(InboxCodec.ToAction));
        if (access is not null)
        {
            actions.Add(new TableAction.Upsert(RowKeys.Access, access.ToProperties()));
        }

        var result = await store.SubmitAsync(TableName.Data, partition, actions, cancellationToken);
        return result is TransactionResult.Committed committed
            ? new StoredHead(next, committed.ETags[0]!.Value)
            : null;
    }

    /// <summary>
    /// The commits with revisions in (after, upTo], in order.
    /// </summary>
    /// <exception cref="InvalidDataException">A revision is missing, which breaks an invariant.</exception>
    /// <exception cref="StorageException">
    /// The first of them were removed because of their age; the head states where the log begins now.
    /// </exception>
    public async IAsyncEnumerable<Commit> ReadCommitsAsync(
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (after >= upTo)
        {
            yield break;
        }

        var next = after + 1;
        await foreach (
            var rows in ReadPayloadsAsync(RowKeys.Commits(after, upTo), cancellationToken)
        )
        {
            var commit = Decode(rows);
            if (commit.First != next)
            {
                await ThrowWhenRemovedAsync(next, cause: null, cancellationToken);
                throw new InvalidDataException($"Project {Project} has no revision {next}: the log continues with {commit.First}.");
            }

            next = commit.Last + 1;
            yield return commit;
        }

        if (next != upTo + 1)
        {
            await ThrowWhenRemovedAsync(next, cause: null, cancellationToken);
            throw new InvalidDataException($"Project {Project} has no revision {next}: its head is at {upTo}.");
        }
    }

    /// <summary>
    /// Throws <see cref="LogMovedException"/> when a missing revision was removed because of its age: the log is
    /// intact, but the reader is too far behind and must reload the state.
    /// </summary>
    internal async Task ThrowWhenRemovedAsync(long revision, Exception? cause, CancellationToken cancellationToken)
    {
        if (await ReadHeadAsync(cancellationToken) is { } now && (now.Value.IsDeleted || now.Value.LogStart > revision))
        {
            throw new LogMovedException($"The log of project {Project} now begins with {now.Value.LogStart}.", cause);
        }
    }

    /// <summary>
    /// The commits after a revision and the head, in one query. The head is the last row of the range, so it is not
    /// older than the commits. The commits end before a gap, and below the head when other engines commit between two
    /// pages.
    /// </summary>
    internal async Task<(List<Commit> Tail, StoredHead? Head)> ReadTailAsync(long after, CancellationToken cancellationToken)
    {
        var tail = new List<Commit>();
        var next = after + 1;
        StoredHead? head = null;
        var hasGap = false;
        await foreach (var rows in ReadPayloadsAsync(RowKeys.CommitsAndHead(after), cancellationToken))
        {
            if (rows[0].RowKey is RowKeys.Head)
            {
                head = new StoredHead(Head.FromRow(rows[0]), rows[0].ETag);
            }
            else if (!hasGap && Decode(rows) is var commit && commit.First == next)
            {
                next = commit.Last + 1;
                tail.Add(commit);
            }
            else
            {
                hasGap = true;
            }
        }

        return (tail, head);
    }

    /// <summary>The entries of all commits that begin in [first, upTo], in order, across commit boundaries.</summary>
    public async IAsyncEnumerable<LogEntry> ReadEntriesAsync(
        long first,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var commit in ReadCommitsFromAsync(first, upTo, cancellationToken))
        {
            foreach (var entry in commit.Entries)
            {
                yield return entry;
            }
        }
    }

    /// <summary>The stored commits that begin in [first, upTo], in order.</summary>
    internal async IAsyncEnumerable<Commit> ReadCommitsFromAsync(
        long first,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (
            var rows in ReadPayloadsAsync(RowKeys.Commits(first - 1, upTo), cancellationToken)
        )
        {
            if (rows[0].GetInt64("rows") is null)
            {
                continue; // The tail of a commit that begins earlier.
            }

            yield return Decode(rows);
        }
    }

    /// <summary>The access list; an empty one when none is stored.</summary>
    public async Task<AccessRow> ReadAccessAsync(CancellationToken cancellationToken) =>
        await FindAccessAsync(cancellationToken) ?? AccessRow.Of(AccessList.Empty);

    /// <summary>
    /// The access list, or null when the project does not exist: the list is created with the first head.
    /// </summary>
    internal async Task<AccessRow?> FindAccessAsync(CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Data, partition, RowKeys.Access, cancellationToken);
        return row is null ? null : AccessRow.FromRow(row);
    }

    /// <summary>Turns every fault of a stored row into one exception for the readers.</summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "Broken compression, JSON and fields each have exceptions of their own."
    )]
    private static Commit Decode(IReadOnlyList<TableRow> rows)
    {
        try
        {
            return CommitCodec.FromRows(rows);
        }
        catch (Exception exception) when (exception is not (NewerFormatException or InvalidDataException))
        {
            throw new InvalidDataException($"Commit '{rows[0].RowKey}' of project '{rows[0].PartitionKey}' is corrupt.", exception);
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<TableRow>> ReadPayloadsAsync(
        RowRange range,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var rows = new List<TableRow>();
        await foreach (
            var row in store.QueryAsync(TableName.Data, partition, range, limit: null, cancellationToken)
        )
        {
            if (rows.Count > 0 && (row.GetInt64("rows") is not null || row.RowKey is RowKeys.Head))
            {
                yield return rows;
                rows = [];
            }

            rows.Add(row);
        }

        if (rows.Count > 0)
        {
            yield return rows;
        }
    }

    /// <summary>Readers check the same numbers again, so that a bug in one of the two is found.</summary>
    private void CheckNumbers(Head before, Head next, Commit commit)
    {
        if (commit.First != before.Revision + 1 || commit.Last != next.Revision)
        {
            throw new InvalidOperationException(
                $"Project {Project} is at {before.Revision}; a commit of {commit.First} to {commit.Last} does not follow."
            );
        }
    }
}
