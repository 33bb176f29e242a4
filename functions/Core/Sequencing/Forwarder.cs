using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Sequencing;

/// <summary>
/// Leaves submissions in the inbox for the holder of the lease, and finds out what became of them: accepted ones appear in the log,
/// for the others the holder leaves an answer in their row.
/// </summary>
internal sealed class Forwarder(SyncServices services, SequencerOptions options, ProjectReplica replica)
{
    /// <summary>Tries of a write whose answer was lost; the row's own key makes a repetition harmless.</summary>
    private const int WriteAttemptsMax = 3;

    private readonly List<Forwarded> outstanding = [];
    private Task writing = Task.CompletedTask;
    private long? lastForward;
    private long number;

    public bool HasOutstanding => outstanding.Count > 0;

    /// <summary>Whether the race was lost lately, so that the next one is not worth running while somebody else holds the lease.</summary>
    public bool WasForwarding =>
        lastForward is { } moment && services.Time.GetElapsedTime(moment) < options.ContendedFor;

    /// <summary>How long the oldest row has waited.</summary>
    public TimeSpan OldestAge =>
        outstanding.Count > 0 ? services.Time.GetElapsedTime(outstanding[0].Written) : TimeSpan.Zero;

    /// <summary>
    /// Begins to leave a batch in the inbox; <see cref="FinishAsync"/> ends it. The head can be looked at meanwhile. False when the batch
    /// does not fit a row.
    /// </summary>
    public bool Start(IReadOnlyList<SubmitItem> items, CancellationToken cancellationToken)
    {
        var content = Payload.Compress(SubmissionCodec.Write(items).Span);
        if (content.Length > InboxCodec.BytesMax)
        {
            return false;
        }

        var row = new Forwarded(RowKeys.Inbox(replica.Engine, ++number), items, services.Time.GetTimestamp());
        lastForward = row.Checked;
        outstanding.Add(row);
        writing = WriteAsync(row, content, cancellationToken);
        return true;
    }

    /// <summary>Waits until what was begun is stored.</summary>
    /// <exception cref="StorageException">It was not stored, or it is not known.</exception>
    public Task FinishAsync()
    {
        var begun = writing;
        writing = Task.CompletedTask;
        return begun;
    }

    private async Task WriteAsync(Forwarded row, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await replica.Log.WriteInboxAsync(row.Key, content, services.Time.GetUtcNow(), cancellationToken);
                row.IsWritten = true;
                return;
            }
            catch (StorageException exception) when (exception.OutcomeUnknown && attempt < WriteAttemptsMax)
            {
                // Written or not, the same row again settles it; drained meanwhile, its events are recognised as repeats.
            }
        }
    }

    /// <summary>The items of an own row that still waits; null for rows of others.</summary>
    public IReadOnlyList<SubmitItem>? ItemsOf(string key) => outstanding.Find(row => IsKey(row, key))?.Items;

    /// <summary>An own row was drained by this engine itself, which answers its items.</summary>
    public void Forget(string key) => outstanding.RemoveAll(row => IsKey(row, key));

    /// <summary>What is known by now about forwarded items, and those that must be submitted again.</summary>
    public async Task<(IReadOnlyList<Decision> Decisions, IReadOnlyList<SubmitItem> Lost)> ResolveAsync(
        CancellationToken cancellationToken
    )
    {
        var decisions = new List<Decision>();
        var lost = new List<SubmitItem>();
        foreach (var row in outstanding.ToList())
        {
            var isAnswered = replica.TakeAnswered(row.Key);
            if (!isAnswered && row.Items.All(item => replica.State.Repeats.FindEvent(item.Origin) is not null))
            {
                decisions.AddRange(row.Items.Select(Accepted));
                outstanding.Remove(row);
            }
            else if (isAnswered || (row.IsWritten && services.Time.GetElapsedTime(row.Checked) >= options.ForwardCheck))
            {
                row.Checked = services.Time.GetTimestamp();
                await CheckAsync(row, decisions, lost, cancellationToken);
            }
        }

        return (decisions, lost);
    }

    /// <summary>Everything that still waits; afterwards nothing does.</summary>
    public IReadOnlyList<SubmitItem> Abandon()
    {
        var items = outstanding.SelectMany(static row => row.Items).ToList();
        outstanding.Clear();
        writing = Task.CompletedTask;
        return items;
    }

    private async Task CheckAsync(
        Forwarded row,
        List<Decision> decisions,
        List<SubmitItem> lost,
        CancellationToken cancellationToken
    )
    {
        var stored = await replica.Log.ReadInboxRowAsync(row.Key, cancellationToken);
        if (stored is null && ++row.Missing > 1)
        {
            // Drained, and the log was read after that: what is not in it now was never accepted.
            outstanding.Remove(row);
            foreach (var item in row.Items)
            {
                if (replica.State.Repeats.FindEvent(item.Origin) is not null)
                {
                    decisions.Add(Accepted(item));
                }
                else
                {
                    lost.Add(item);
                }
            }
        }
        else if (stored?.Answers is { } answers)
        {
            outstanding.Remove(row);
            decisions.AddRange(
                SubmissionCodec
                    .ReadAnswers(answers, row.Items)
                    .Select(answer => answer.Outcome is null && answer.Heal is null ? Accepted(answer.Item) : answer)
            );
            await replica.Log.RemoveInboxRowAsync(stored, cancellationToken);
        }
    }

    /// <summary>Its revision is in the log that was folded; without one, up to the head is the safe thing to wait for.</summary>
    private Decision Accepted(SubmitItem item) =>
        new(item, replica.State.Repeats.FindEvent(item.Origin) ?? replica.State.Revision, Outcome: null, Heal: null);

    private static bool IsKey(Forwarded row, string key) => string.Equals(row.Key, key, StringComparison.Ordinal);

    private sealed class Forwarded(string key, IReadOnlyList<SubmitItem> items, long written)
    {
        public string Key { get; } = key;

        public IReadOnlyList<SubmitItem> Items { get; } = items;

        public long Written { get; } = written;

        public long Checked { get; set; } = written;

        public int Missing { get; set; }

        /// <summary>Whether the store has said that it is there; before that it is not missed.</summary>
        public bool IsWritten { get; set; }
    }
}
