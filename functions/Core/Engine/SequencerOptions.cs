using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <summary>The numbers of the sequencer. Each default says where it comes from.</summary>
public sealed record SequencerOptions
{
    /// <summary>
    /// How long a lease term may stand unchanged, on the observer's own monotonic clock, before its holder is given up.
    /// Long enough for two timed-out sends and a renewal, short enough that a person waits it out.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A holder renews the lease when its term has stood this long: two sends of 2 s each may follow.</summary>
    public TimeSpan LeaseRenewal { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts of one commit before its authors get 503: with full jitter from 10 ms that is about a second.</summary>
    public int CommitAttemptsMax { get; init; } = 8;

    /// <summary>The first back-off of a lost race: one storage round trip; it doubles with every further loss.</summary>
    public TimeSpan CommitBackOff { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Lost races after which an engine leaves its batch to the holder of the lease: with nothing but the fence, k engines share
    /// one commit per round trip and the losers waste theirs.
    /// </summary>
    public int ForwardAfter { get; init; } = 2;

    /// <summary>
    /// How often the holder of the lease looks for what others left, while it is busy without a pause or others were there
    /// lately. An engine that is alone and not busy never looks.
    /// </summary>
    public TimeSpan InboxPollInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long others count as being there after something of theirs was found.</summary>
    public TimeSpan ContendedFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a holder stays for more after something of others was found, instead of giving the lease back.</summary>
    public TimeSpan LeaseHoldAfterDrain { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>
    /// How long a holder that is alone keeps the lease after its last head write, so that the next change needs no write to take it and none
    /// to give it back. A first change at another engine waits this long at most; changes of people who work together come more often.
    /// </summary>
    public TimeSpan LeaseHold { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long no other engine must have written the head before a holder takes itself for alone: the events of a project go to all
    /// instances in turn, so a second one shows within seconds while people work.
    /// </summary>
    public TimeSpan AloneAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a commit waits for as many requests as the last turn had and left: clients that are answered together send their next
    /// changes together. A small part of a storage round trip, which all but the first would wait for otherwise. Timers make up to 2 ms of it.
    /// </summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// How often a holder that keeps the lease and takes itself for alone looks for what others left: as long as they wait for it anyway,
    /// and a small part of the commits of a busy project.
    /// </summary>
    public TimeSpan InboxPollWhileAlone { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Inbox rows of one commit: with the head and the rows of the commit they fit the 100 of a transaction.</summary>
    public int InboxRowsMax { get; init; } = 80;

    /// <summary>
    /// When an engine looks after an inbox row of its own that the log says nothing about: what was refused leaves no entry.
    /// </summary>
    public TimeSpan ForwardCheck { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>When an answer in the inbox that was never fetched is removed: its engine is gone.</summary>
    public TimeSpan AnswerHorizon { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Sends of unknown outcome in a row before their authors get 503; each one costs a generation.</summary>
    public int SendAttemptsMax { get; init; } = 3;

    /// <summary>How soon publishing is tried again, unasked, after it was given up.</summary>
    public TimeSpan PublishRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The shortest wait between two looks at a head whose lease another engine holds; it doubles to <see cref="WatchMax"/>.</summary>
    public TimeSpan WatchMin { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest wait between two looks at a head whose lease another engine holds.</summary>
    public TimeSpan WatchMax { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The wait between two looks at the head while the holder of the lease works for us: about a storage round trip.</summary>
    public TimeSpan WatchForwarded { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long an engine waits for a foreign holder that neither commits nor publishes before it asks for the lease.</summary>
    public TimeSpan HandoverAfterIdle { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long an engine waits for a foreign holder that makes progress: longer than any turn of a healthy one, well below the 5 s
    /// after which a person is taken for starved.
    /// </summary>
    public TimeSpan HandoverTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The silence before and after a dataset that goes to a live subscriber: a busy client applies revisions that follow a
    /// dataset before the dataset itself (docs/protocol-facts.md#a-dataset-to-a-busy-page, measured at 0.7 s).
    /// </summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>For clients that do not say on which dataset they work: when their changes may be older than it.</summary>
    public EditWindow Window { get; init; } = new();

    /// <summary>An event older than this commits only if its connection still exists: its author may have reconnected and loaded since.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// An event older than this may be a redelivery: the first one comes after 1 s, and a tenth of that is left for clocks that differ.
    /// The service tells the time of an event in whole seconds, so that some fresh events look this old too and are asked about in vain.
    /// </summary>
    public TimeSpan RedeliveryAfter { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>Entries of one commit: keeps a turn of the loop, and so the wait of all clients, short.</summary>
    public int CommitEntriesMax { get; init; } = 1_000;

    /// <summary>
    /// Bytes of change sets in one commit, before compression. Incompressible text of this size still fits the 4 MiB of a
    /// transaction after base64. One event (at most 1 MiB) always fits.
    /// </summary>
    public int CommitBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>Waiting events of one project: what its connections can have in flight, one each; beyond it 503.</summary>
    public int MailboxMax { get; init; } = 10_000;

    /// <summary>
    /// Bytes of change sets that wait for one project: a second's worth of a project that is busier than any is meant to be (32 commits of
    /// <see cref="CommitBytesMax"/>); beyond it 503.
    /// </summary>
    public int MailboxBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Joins that are served at the same time: more only queue up in the service's data plane.</summary>
    public int JoinsInParallel { get; init; } = 16;

    /// <summary>Questions to the service about authors that are asked at the same time: they are small, and a whole commit waits for them.</summary>
    public int LooksInParallel { get; init; } = 64;

    /// <summary>
    /// How far back in the log the answer to a resent local revision is looked for: what others may have committed while its author
    /// was away. Older ones are answered without their content.
    /// </summary>
    public int RepeatSearchMax { get; init; } = 2_000;

    /// <summary>
    /// How often an engine that commits renews its row in table <c>due</c>: seldom enough to cost nothing, and half of the time after
    /// which a sweep takes the row for left behind.
    /// </summary>
    public TimeSpan DueRenewal { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An engine without work for this long is dropped; its state is in storage.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Entries after which a snapshot is written, so that loading reads at most about as many.</summary>
    public int SnapshotEntries { get; init; } = 1_000;

    /// <summary>Bytes of log below which no snapshot is worth its rows, however small the dataset.</summary>
    public int SnapshotBytesMin { get; init; } = 256 * 1024;

    /// <summary>The shortest time between two snapshots of a project.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes that projects may take in a process (<see cref="Memory.MemoryBudget"/>): folded states with all that belongs to them, what is being
    /// loaded, files on their way in and out, snapshots that are being written, events that wait. Idle engines are dropped beyond it, and what
    /// is new gets 503 when none is idle. The default is 40 % of the memory the process may use: what is left is for the runtime, messages
    /// on their way, and memory that is free and not yet collected.
    /// </summary>
    public long StateBytesMax { get; init; } = (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 0.4);

    /// <summary>Lost races of a commit. Full jitter: the losers of one race must not meet again in the next.</summary>
    internal RetryPolicy CommitRetry => new(CommitBackOff, TimeSpan.MaxValue, Factor: 2, Jitter: 1);

    /// <summary>A store that refuses for its load has recovered after a second or two, and clients wait meanwhile.</summary>
    internal RetryPolicy StoreRetry => new(CommitBackOff * 4, TimeSpan.FromSeconds(1), Factor: 4, Jitter: 0.5);

    /// <summary>Publishing that was given up.</summary>
    internal RetryPolicy SendRetry => new(PublishRetry, TimeSpan.FromSeconds(30));

    /// <summary>Reads of a head whose lease another engine holds.</summary>
    internal RetryPolicy WatchRetry => new(WatchMin, WatchMax);

    /// <summary>Throws when the numbers do not fit each other, or the limits of the store.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, and what it must be.</exception>
    internal void Validate()
    {
        RequirePositive(
            (LeaseRenewal, nameof(LeaseRenewal)),
            (CommitBackOff, nameof(CommitBackOff)),
            (InboxPollInterval, nameof(InboxPollInterval)),
            (InboxPollWhileAlone, nameof(InboxPollWhileAlone)),
            (ForwardCheck, nameof(ForwardCheck)),
            (PublishRetry, nameof(PublishRetry)),
            (WatchMin, nameof(WatchMin)),
            (WatchForwarded, nameof(WatchForwarded)),
            (IdleTime, nameof(IdleTime)),
            (DueRenewal, nameof(DueRenewal))
        );
        RequireAtLeastOne(
            (CommitAttemptsMax, nameof(CommitAttemptsMax)),
            (ForwardAfter, nameof(ForwardAfter)),
            (SendAttemptsMax, nameof(SendAttemptsMax)),
            (CommitEntriesMax, nameof(CommitEntriesMax)),
            (CommitBytesMax, nameof(CommitBytesMax)),
            (MailboxMax, nameof(MailboxMax)),
            (MailboxBytesMax, nameof(MailboxBytesMax)),
            (JoinsInParallel, nameof(JoinsInParallel)),
            (LooksInParallel, nameof(LooksInParallel)),
            (SnapshotEntries, nameof(SnapshotEntries))
        );
        RequireInRange(Gather, TimeSpan.Zero, CommitBackOff, nameof(Gather));

        // What was sent is recorded when the lease is given back, long before a standing term counts as a dead holder.
        RequireInRange(LeaseHold, TimeSpan.Zero, LeaseRenewal, nameof(LeaseHold));
        RequireInRange(LeaseTime, LeaseRenewal + TimeSpan.FromTicks(1), TimeSpan.MaxValue, nameof(LeaseTime));
        RequireInRange(WatchMax, WatchMin, TimeSpan.MaxValue, nameof(WatchMax));
        RequireInRange(QuietTime, Window.Margin, TimeSpan.MaxValue, nameof(QuietTime));
        RequireInRange(Window.Max, Window.Round + TimeSpan.FromTicks(1), TimeSpan.MaxValue, nameof(Window));

        // The head, the access list and the rows of a commit are in the same transaction.
        RequireInRange(InboxRowsMax, 1, TableLimits.TransactionRowsMax - 10, nameof(InboxRowsMax));
    }

    private static void RequireInRange<T>(T value, T least, T most, string name)
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }

    private static void RequirePositive(params ReadOnlySpan<(TimeSpan Value, string Name)> times)
    {
        foreach (var (value, name) in times)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        }
    }

    private static void RequireAtLeastOne(params ReadOnlySpan<(long Value, string Name)> counts)
    {
        foreach (var (value, name) in counts)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        }
    }

    /// <summary>A gate in front of a memory budget of its own, of <see cref="StateBytesMax"/>.</summary>
    public LoadingGate CreateLoadingGate(TimeProvider time) => new(new MemoryBudget(StateBytesMax, time), time);
}
