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

    /// <summary>Opens the log of a project; reads nothing.</summary>
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
    /// Writes a head over the one that was read and, with it, a commit. Null when somebody else wrote the head first.
    /// </summary>
    /// <exception cref="StorageException">The store failed; with an unknown outcome the head must be read again.</exception>
    public async Task<StoredHead?> WriteAsync(
        StoredHead expected,
        Head next,
        Commit? commit,
        CancellationToken cancellationToken
    ) => await WriteAsync(expected, next, commit, drained: [], cancellationToken);

    /// <summary>The same, and in the same transaction the receipts of inbox rows that the commit drains.</summary>
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
    /// <exception cref="InvalidDataException">There is a hole: a broken promise.</exception>
    /// <exception cref="StorageException">The first of them were removed for their age; the head says where the log begins now.</exception>
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
                throw new InvalidDataException($"Project {Project} has no revision {next}: the log goes on with {commit.First}.");
            }

            next = commit.Last + 1;
            yield return commit;
        }

        if (next != upTo + 1)
        {
            await ThrowWhenRemovedAsync(next, cause: null, cancellationToken);
            throw new InvalidDataException($"Project {Project} has no revision {next}: its head stands at {upTo}.");
        }
    }

    /// <summary>
    /// Nothing is wrong with a log of which the head says that it begins behind a revision: whoever misses that one has stood still for
    /// long, and must load anew.
    /// </summary>
    internal async Task ThrowWhenRemovedAsync(long revision, Exception? cause, CancellationToken cancellationToken)
    {
        if (await ReadHeadAsync(cancellationToken) is { } now && (now.Value.IsDeleted || now.Value.LogStart > revision))
        {
            throw new LogMovedException($"The log of project {Project} begins with {now.Value.LogStart} now.", cause);
        }
    }

    /// <summary>
    /// What follows a revision and the head, in one request. The head is the last row of the range and so not older than the commits; these
    /// end before a hole, and below the head when others commit between two pages.
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

    /// <summary>Leaves submissions for the holder of the lease. A row that is there already is this one: its first answer was lost.</summary>
    internal Task WriteInboxAsync(
        string key,
        ReadOnlyMemory<byte> compressed,
        InboxMarks marks,
        CancellationToken cancellationToken
    ) => store.SubmitAsync(TableName.Data, partition, [InboxCodec.ToInsert(key, compressed, marks)], cancellationToken);

    /// <summary>
    /// The inbox: what waits to be drained, and answers that nobody has fetched yet. At most <paramref name="limit"/> rows, those behind
    /// the row <paramref name="after"/>, or from the first one.
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

    /// <summary>One inbox row, or null when it was drained and everything in it accepted.</summary>
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

    /// <summary>The entries of all commits that begin in [first, upTo], in order, wherever the commits are cut.</summary>
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

    /// <summary>The commits that begin in [first, upTo], in order, as far as they are there.</summary>
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
                continue; // The tail of a commit that begins before.
            }

            yield return Decode(rows);
        }
    }

    /// <summary>The payload under a key (base dataset or snapshot), or null when a row of it is missing.</summary>
    public Task<byte[]?> ReadPayloadAsync(string key, CancellationToken cancellationToken) =>
        ReadPayloadAsync(key, memory: null, cancellationToken);

    /// <summary>The same; <paramref name="memory"/> has taken what the payload needs before it is there, and keeps its length.</summary>
    /// <exception cref="LoadingRefusedException">It does not fit the budget.</exception>
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

    /// <summary>The keys of what restores go back to. Not all of them need be whole: some are being written or removed.</summary>
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
    /// Stores a payload under a key that nobody else uses. It counts for nobody until a head names the key, so its
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
                throw new InvalidDataException($"Payload '{key}' of project {Project} is there already.");
            }
        }
    }

    /// <summary>The access list; nobody has a right when there is none.</summary>
    public async Task<AccessRow> ReadAccessAsync(CancellationToken cancellationToken) =>
        await FindAccessAsync(cancellationToken) ?? AccessRow.Of(AccessList.Nobody);

    /// <summary>The access list, or null when there is no such project: it is written together with the first head.</summary>
    internal async Task<AccessRow?> FindAccessAsync(CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Data, partition, RowKeys.Access, cancellationToken);
        return row is null ? null : AccessRow.FromRow(row);
    }

    /// <summary>Whatever is wrong with rows of ours is one thing to who reads them.</summary>
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
            throw new InvalidDataException($"Commit '{rows[0].RowKey}' of project '{rows[0].PartitionKey}' is broken.", exception);
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

    /// <summary>The number checked here is checked again by every reader: a pair, so that neither can drift alone.</summary>
    private void CheckNumbers(Head before, Head next, Commit commit)
    {
        if (commit.First != before.Revision + 1 || commit.Last != next.Revision)
        {
            throw new InvalidOperationException(
                $"Project {Project} stands at {before.Revision}; a commit of {commit.First} to {commit.Last} does not follow."
            );
        }
    }
}
