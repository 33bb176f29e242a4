using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ServerlessSync.Core.Memory;
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
        var hasHole = false;
        await foreach (var rows in ReadPayloadsAsync(RowKeys.CommitsAndHead(after), cancellationToken))
        {
            if (rows[0].RowKey is RowKeys.Head)
            {
                head = new StoredHead(Head.FromRow(rows[0]), rows[0].ETag);
            }
            else if (!hasHole && Decode(rows) is var commit && commit.First == next)
            {
                next = commit.Last + 1;
                tail.Add(commit);
            }
            else
            {
                hasHole = true;
            }
        }

        return (tail, head);
    }

    /// <summary>
    /// Leaves submissions for the holder of the lease. A row that exists already is this one, after a lost response.
    /// </summary>
    internal Task WriteInboxAsync(
        string key,
        ReadOnlyMemory<byte> compressed,
        InboxMarks marks,
        CancellationToken cancellationToken
    ) => store.SubmitAsync(TableName.Data, partition, [InboxCodec.ToInsert(key, compressed, marks)], cancellationToken);

    /// <summary>
    /// The rows of the inbox: submissions to drain and unread answers. At most <paramref name="limit"/> rows, after the
    /// row <paramref name="after"/> or from the first one.
    /// </summary>
    internal async Task<List<InboxRow>> ReadInboxAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<InboxRow>();
        var range = after is null ? RowKeys.AllInbox : RowKeys.InboxAfter(after);
        await foreach (
            var row in store.QueryAsync(TableName.Data, partition, range, limit, cancellationToken)
        )
        {
            rows.Add(InboxCodec.FromRow(row));
        }

        return rows;
    }

    /// <summary>One inbox row; null when it was drained and all its submissions were accepted.</summary>
    internal async Task<InboxRow?> ReadInboxRowAsync(string key, CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Data, partition, key, cancellationToken);
        return row is null ? null : InboxCodec.FromRow(row);
    }

    /// <summary>Removes an inbox row whose answers were read.</summary>
    internal Task RemoveInboxRowAsync(InboxRow row, CancellationToken cancellationToken) =>
        store.SubmitAsync(
            TableName.Data,
            partition,
            [new TableAction.Delete(row.Key, row.ETag)],
            cancellationToken
        );

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

    /// <summary>The payload under a key (base dataset or snapshot), or null when a row of it is missing.</summary>
    public Task<byte[]?> ReadPayloadAsync(string key, CancellationToken cancellationToken) =>
        ReadPayloadAsync(key, memory: null, cancellationToken);

    /// <summary>
    /// The same. <paramref name="memory"/> takes the memory before it is allocated, and afterwards holds the payload's
    /// length.
    /// </summary>
    /// <exception cref="LoadingRefusedException">The payload does not fit the budget.</exception>
    internal async Task<byte[]?> ReadPayloadAsync(string key, MemoryAccount? memory, CancellationToken cancellationToken)
    {
        using var unpacking = new Unpacking();
        var (index, rowCount, taken) = (0, 0L, 0L);
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.Chunks(key), limit: null, cancellationToken)
        )
        {
            if (!string.Equals(row.RowKey, RowKeys.Chunk(key, index), StringComparison.Ordinal))
            {
                return null;
            }

            if (index++ == 0)
            {
                StoredFormat.Check(row, Payload.Format);
                rowCount = row.GetInt64("rows") ?? 0;
            }

            Payload.Unpack(row, unpacking);
            taken = await GrowAsync(memory, taken, unpacking.Length);
        }

        if (index == 0 || index != rowCount)
        {
            return null;
        }

        await GrowAsync(memory, taken, 2L * unpacking.Length);
        var content = unpacking.ToArray();
        memory?.Set(memory.Bytes - unpacking.Length);
        return content;
    }

    private static async Task<long> GrowAsync(MemoryAccount? memory, long taken, long needed)
    {
        if (memory is not null)
        {
            await memory.ReserveAsync(needed - taken);
        }

        return needed;
    }

    /// <summary>
    /// The keys of datasets of restores. Some may be incomplete because they are being written or removed.
    /// </summary>
    internal async IAsyncEnumerable<string> ReadRestoredKeysAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (
            var row in store.QueryAsync(TableName.Data, partition, RowKeys.AllRestored, limit: null, cancellationToken)
        )
        {
            if (row.GetInt64("rows") is not null)
            {
                yield return row.RowKey;
            }
        }
    }

    /// <summary>
    /// Stores a payload under a key that no other writer uses. Readers ignore it until a head names the key, so its
    /// rows need no common transaction.
    /// </summary>
    public async Task WritePayloadAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Payload.Format };
        foreach (var row in Payload.ToRows(key, Payload.Compress(content.Span), marks))
        {
            var result = await store.Background.SubmitAsync(TableName.Data, partition, [row], cancellationToken);
            if (result is not TransactionResult.Committed)
            {
                throw new InvalidDataException($"Payload '{key}' of project {Project} exists already.");
            }
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
