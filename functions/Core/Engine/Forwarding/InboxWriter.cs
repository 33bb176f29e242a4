using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Forwarding;

/// <summary>
/// Leaves submissions in the inbox for the holder of the lease, and finds out what became of them: accepted ones appear in the log,
/// for the others the holder leaves an answer in their row.
/// </summary>
internal sealed class InboxWriter
{
    /// <summary>Tries of a write whose answer was lost; the row's own key makes a repetition harmless.</summary>
    private const int WriteAttemptsMax = 3;

    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly ProjectReplica replica;
    private readonly string engine;
    private readonly List<Forwarded> outstanding = [];
    private readonly HashSet<string> answered = new(StringComparer.Ordinal);
    private Task writing = Task.CompletedTask;
    private long? lastForward;
    private long number;

    public InboxWriter(EngineDependencies services, SequencerOptions options, ProjectReplica replica, string engine)
    {
        this.services = services;
        this.options = options;
        this.replica = replica;
        this.engine = engine;
        replica.Folded = NoteAnswered;
    }

    public bool HasOutstanding => outstanding.Count > 0;

    /// <summary>Whether the race was lost lately, so that the next one is not worth running while another engine holds the lease.</summary>
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
        var contents = items
            .Chunk(SubmissionCodec.ItemsMax)
            .Select(static together => (Items: together, Content: Payload.Compress(SubmissionCodec.Write(together).Span)))
            .ToList();
        if (contents.Exists(static row => row.Content.Length > InboxCodec.BytesMax))
        {
            return false;
        }

        writing = Task.WhenAll(contents.Select(row => WriteAsync(Add(row.Items), row.Content, cancellationToken)));
        return true;
    }

    private Forwarded Add(IReadOnlyList<SubmitItem> items)
    {
        var key = RowKeys.Inbox(engine, ++number);
        var row = new Forwarded(key, items, services.Time.GetTimestamp(), items.Any(MayBeHalfDone));
        lastForward = row.Checked;
        outstanding.Add(row);
        return row;
    }

    /// <summary>Waits until what was begun is stored.</summary>
    /// <exception cref="StorageException">It was not stored, or it is not known.</exception>
    public Task FinishAsync()
    {
        var begun = writing;
        writing = Task.CompletedTask;
        return begun;
    }

    /// <summary>What could not be left in the inbox, or may not have been; it is not waited for any more.</summary>
    public IReadOnlyList<SubmitItem> AbandonUnwritten()
    {
        var items = outstanding.Where(static row => !row.IsWritten).SelectMany(static row => row.Items).ToList();
        outstanding.RemoveAll(static row => !row.IsWritten);
        return items;
    }

    /// <summary>
    /// Whether the log may tell of an earlier delivery that was accepted up to a revision that was refused, or whose author was about to
    /// be healed since, and so says nothing about this one.
    /// </summary>
    private bool MayBeHalfDone(SubmitItem item) =>
        item is ChangeItem change
        && (
            replica.State.Repeats.FindEvent(item.Origin) is not null
            || (change.Revisions.Count > 1 && services.Time.GetUtcNow() - item.EventTime > options.RedeliveryAfter)
        );

    private async Task WriteAsync(Forwarded row, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var marks = new InboxMarks(row.WantsAnswer, row.Items.Any(static item => item is RestoreItem), services.Time.GetUtcNow());
                await replica.Log.WriteInboxAsync(row.Key, content, marks, cancellationToken);
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
            // Until the answer has been read: the log says what was accepted, and nothing of what was refused beside it.
            var isAnswered = answered.Remove(row.Key);
            row.WantsAnswer |= isAnswered;
            if (!row.WantsAnswer && row.Items.All(item => replica.State.Repeats.FindEvent(item.Origin) is not null))
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

    private void NoteAnswered(Commit commit) =>
        answered.UnionWith(commit.Answered.Where(key => key.StartsWith(RowKeys.InboxOf(engine), StringComparison.Ordinal)));

    /// <summary>Everything that still waits; afterwards nothing does.</summary>
    public IReadOnlyList<SubmitItem> Abandon()
    {
        var items = outstanding.SelectMany(static row => row.Items).ToList();
        outstanding.Clear();
        writing = Task.CompletedTask;
        return items;
    }

    /// <summary>Looks at the row itself. A store that does not answer is asked again later: nothing of what is known may get lost with it.</summary>
    private async Task CheckAsync(
        Forwarded row,
        List<Decision> decisions,
        List<SubmitItem> lost,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var stored = await replica.Log.ReadInboxRowAsync(row.Key, cancellationToken);
            if (stored is null && ++row.Missing > 1)
            {
                Settle(row, decisions, lost);
            }
            else if (stored?.Answers is { } answers)
            {
                if (row.Items.Any(item => replica.State.Repeats.FindEvent(item.Origin) is null))
                {
                    // The answer was written together with the commit: which revisions it has must be known to wait for them.
                    await replica.RefreshAsync(commitId: null, cancellationToken);
                }

                outstanding.Remove(row);
                decisions.AddRange(
                    SubmissionCodec
                        .ReadAnswers(answers, row.Items)
                        .Select(answer => answer is { Outcome: null, Resync: null, Repeat: null, IsRefusedByWindow: false } ? Accepted(answer.Item) : answer)
                );
                await replica.Log.RemoveInboxRowAsync(stored, cancellationToken);
            }
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(replica.Project, exception);
        }
    }

    /// <summary>
    /// Its row was drained, and the log was read after that: what is not in it now was never accepted. Where the log does not tell, and
    /// the answer is gone with the row, everything is decided again.
    /// </summary>
    private void Settle(Forwarded row, List<Decision> decisions, List<SubmitItem> lost)
    {
        outstanding.Remove(row);
        foreach (var item in row.Items)
        {
            if (!row.WantsAnswer && replica.State.Repeats.FindEvent(item.Origin) is not null)
            {
                decisions.Add(Accepted(item));
            }
            else
            {
                lost.Add(item);
            }
        }
    }

    /// <summary>Its revision is in the log that was folded; without one, up to the head is the safe thing to wait for.</summary>
    private Decision Accepted(SubmitItem item) =>
        new(item, replica.State.Repeats.FindEvent(item.Origin) ?? replica.State.Revision, Outcome: null, Resync: null);

    private static bool IsKey(Forwarded row, string key) => string.Equals(row.Key, key, StringComparison.Ordinal);

    private sealed class Forwarded(string key, IReadOnlyList<SubmitItem> items, long written, bool wantsAnswer)
    {
        public string Key { get; } = key;

        public IReadOnlyList<SubmitItem> Items { get; } = items;

        public long Written { get; } = written;

        /// <summary>Whether only the holder's answer tells what became of it, and not the log.</summary>
        public bool WantsAnswer { get; set; } = wantsAnswer;

        public long Checked { get; set; } = written;

        public int Missing { get; set; }

        /// <summary>Whether the store has said that it is there; before that it is not missed.</summary>
        public bool IsWritten { get; set; }
    }
}
