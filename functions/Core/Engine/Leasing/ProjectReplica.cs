using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// This process's copy of a project: the head as last read or written, the state folded up to exactly its revision, and the
/// commits that still have to be sent. Only the project's loop touches it.
/// </summary>
internal sealed partial class ProjectReplica
{
    /// <summary>
    /// Looks without a change after which an engine takes itself for the only one: with four at work a look misses the others in one of
    /// four cases.
    /// </summary>
    private const int QuietLooksMax = 3;

    private readonly EngineDependencies services;
    private readonly LoadingScope loading;
    private readonly ProjectLog log;
    private readonly List<Commit> unsent = [];
    private readonly HashSet<string> answered = new(StringComparer.Ordinal);
    private StoredHead? head;
    private ProjectState? state;
    private readonly ReplacementDatasetCache replacements;
    private long heldTerm;
    private bool settled;
    private ETag? doubtful;
    private long evictedUpTo;
    private DateTimeOffset? replacedAt;
    private int quietLooks = QuietLooksMax;

    public ProjectReplica(EngineDependencies services, ProjectId project, string engine, LoadingScope loading)
    {
        this.services = services;
        this.loading = loading;
        log = new ProjectLog(services.Store, project);
        replacements = new ReplacementDatasetCache(log, loading);
        Project = project;
        Engine = engine;
    }

    public ProjectId Project { get; }

    /// <summary>The name under which this engine takes leases.</summary>
    public string Engine { get; }

    public bool IsLoaded => state is not null;

    /// <summary>
    /// Whether the head must be read before anything is decided: a read broke off, so that the state may be ahead of the head that is known,
    /// or it is not known what became of a write. The state itself holds; nothing has to be loaded again.
    /// </summary>
    public bool MustRefresh { get; private set; }

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes =>
        (state?.ApproximateBytes ?? 0)
        + replacements.ApproximateBytes
        + unsent.Sum(static commit => commit.Entries.Sum(static entry => (long)entry.Changes.Length));

    public Head Head => head!.Value;

    public ProjectState State => state!;

    public AccessList Access => AccessRow.List;

    /// <summary>The access list as the head of this replica knows it, or newer.</summary>
    public AccessRow AccessRow { get; private set; } = AccessRow.Of(AccessList.Empty);

    /// <summary>Whether somebody who may not see the project any more can still sit in its group. Then nothing is sent to it.</summary>
    public bool MustEvict => EvictedUpTo < Head.AccessVersion;

    /// <summary>The version of the access list that the members of the group satisfy.</summary>
    public long EvictedUpTo => Math.Max(Head.AccessEnforcedVersion, evictedUpTo);

    /// <summary>The last revision that was sent: by us under the present lease, or by anybody as the head says.</summary>
    public long Sent { get; private set; }

    /// <summary>The time stamp of the last write of the head by us; when a lease must be renewed follows from it.</summary>
    public long LastWrite { get; private set; }

    /// <summary>Bytes of the newest snapshot, or of the base while there is none.</summary>
    public long SnapshotBytes { get; private set; }

    /// <summary>Log since the newest snapshot.</summary>
    public (long Entries, long Bytes) SinceSnapshot { get; private set; }

    /// <summary>A snapshot that is complete and waits for the next head to name it.</summary>
    public (string Key, long Revision, long Bytes)? FinishedSnapshot { get; set; }

    /// <summary>The snapshot that the head named before the present one; null when none was replaced lately.</summary>
    public string? SupersededSnapshot { get; set; }

    public bool HoldsLease => head is not null && Head.IsHeldBy(Engine);

    /// <summary>Changes when the lease may have been somebody else's in between, even if it is ours again.</summary>
    public int LeaseSession { get; private set; }

    /// <summary>Whether somebody else is likely to have written the head since, so that a look costs less than a lost race.</summary>
    public bool IsLikelyStale => !HoldsLease && quietLooks < QuietLooksMax;

    public bool HasUnsent => Sent < Head.Revision;

    /// <summary>Whether members may still sit in groups of older generations.</summary>
    public bool MustSettle => !settled && Head.OldestGeneration < Head.Generation;

    /// <summary>
    /// Whether a send of unknown outcome may still arrive. Nothing more may be sent to the present generation, and the
    /// lease must not pass on, before a head with the next generation stands. Outlives <see cref="Unload"/> for that reason.
    /// </summary>
    public bool MustAdvance { get; set; }

    /// <summary>
    /// Whether a write of ours may still be carried out: its answer was lost, and the head that it relies on still stands. Outlives
    /// <see cref="Unload"/>.
    /// </summary>
    public bool HasWriteInDoubt => doubtful is not null;

    /// <summary>When subscribers can have seen the last reset or restore at the earliest: it may have been accepted long before it was sent.</summary>
    public DateTimeOffset ResetTime
    {
        get
        {
            var known = State.ResetTime > Head.ReplacedAt ? State.ResetTime : Head.ReplacedAt;
            return replacedAt > known ? replacedAt.Value : known;
        }
    }

    /// <summary>The last reset or restore, as far as subscribers are concerned.</summary>
    public LastReset LastReset => new(State.ResetRevision, ResetTime, HasBeenSeen(State.ResetRevision));

    /// <summary>
    /// Whether subscribers were sent the dataset of a reset or restore. After a restore from an archive nobody is: all are closed, and until
    /// then they have not seen it.
    /// </summary>
    public bool HasBeenSeen(long resetRevision) => resetRevision <= Sent && !(MustEvict && AccessRow.EvictsAll);

    public GroupName Group => GroupName.OfProject(Project, Head.Generation);

    public ProjectLog Log => log;

    /// <summary>
    /// Writes the next head, and with it a commit whose entries are applied to the dataset already. The head carries along what
    /// is known by now: what was sent, that older groups are empty, a finished snapshot.
    /// </summary>
    public Task<HeadWrite> WriteAsync(Head next, Commit? commit, CancellationToken cancellationToken) =>
        WriteAsync(next, commit, drained: [], cancellationToken);

    /// <summary>The same, and in the same transaction the receipts of inbox rows.</summary>
    public async Task<HeadWrite> WriteAsync(
        Head next,
        Commit? commit,
        IReadOnlyList<InboxReceipt> drained,
        CancellationToken cancellationToken,
        AccessRow? access = null
    )
    {
        var holds = HoldsLease;
        var advances = holds && MustAdvance;
        next = next with
        {
            Generation = advances ? Head.Generation + 1 : next.Generation,
            Published = holds ? Sent : next.Published,
            OldestGeneration = settled ? Head.Generation : next.OldestGeneration,
            SnapshotKey = NewerSnapshot(next.SnapshotKey),
            ReplacedAt = holds && Head.Published < State.ResetRevision && Sent >= State.ResetRevision
                ? replacedAt ?? services.Time.GetUtcNow()
                : next.ReplacedAt,
            AccessEnforcedVersion = holds ? Math.Max(next.AccessEnforcedVersion, evictedUpTo) : next.AccessEnforcedVersion,
        };
        try
        {
            if (await log.WriteAsync(head!, next, commit, drained, cancellationToken, access) is not { } written)
            {
                MustRefresh = true;
                return HeadWrite.Lost;
            }

            MustAdvance &= !advances;
            Adopt(written, commit, holds);
            AccessRow = access ?? AccessRow;
            return HeadWrite.Written;
        }
        catch (StorageException exception) when (exception.OutcomeUnknown)
        {
            doubtful = head!.ETag;
            MustRefresh = true;
            return HeadWrite.Unknown;
        }
    }

    /// <summary>The commits to be sent, from the first unsent revision to the head's.</summary>
    public async Task<IReadOnlyList<Commit>> ReadUnsentAsync(CancellationToken cancellationToken)
    {
        unsent.RemoveAll(commit => commit.Last <= Sent);
        if (unsent.Count > 0 && unsent[0].First == Sent + 1)
        {
            return [.. unsent];
        }

        unsent.Clear();
        await foreach (var commit in log.ReadCommitsAsync(Sent, Head.Revision, cancellationToken))
        {
            unsent.Add(commit);
        }

        return [.. unsent];
    }

    /// <summary>Notes that everything up to a revision was sent, under the present lease.</summary>
    public void MarkSent(long revision) => Sent = revision;

    /// <summary>Notes that the dataset of a reset or restore was sent to the subscribers just now.</summary>
    public void MarkReplaced() => replacedAt = services.Time.GetUtcNow();

    /// <summary>Notes that the groups of older generations are empty.</summary>
    public void MarkSettled() => settled = true;

    /// <summary>Notes that those whom the present access list shuts out are out of the group.</summary>
    public void MarkEvicted() => evictedUpTo = Head.AccessVersion;

    /// <summary>The datasets that resets and restores go back to.</summary>
    public ReplacementDatasetCache Replacements => replacements;

    /// <summary>What a reset or restore goes back to.</summary>
    public async Task<Dataset> ReadReplacementAsync(LogEntry entry, CancellationToken cancellationToken)
    {
        await replacements.FetchAsync([entry], Head, cancellationToken);
        return ReplacementOf(entry)!;
    }

    /// <summary>Another engine may have written a newer snapshot meanwhile; row keys order by revision.</summary>
    private string NewerSnapshot(string known) =>
        FinishedSnapshot is { } finished && string.CompareOrdinal(finished.Key, known) > 0 ? finished.Key : known;

    private async Task<bool> FoldToAsync(StoredHead read, CancellationToken cancellationToken, string? commitId = null)
    {
        var found = false;
        try
        {
            await foreach (
                var commit in log.ReadCommitsAsync(State.Revision, read.Value.Revision, cancellationToken)
            )
            {
                await replacements.FetchAsync(commit.Entries, Head, cancellationToken);
                FoldOne(commit);
                found |= commitId is not null && string.Equals(commit.Id, commitId, StringComparison.Ordinal);
                Take(commit);
            }
        }
        catch (InvalidDataException exception)
        {
            await log.ThrowWhenRemovedAsync(State.Revision + 1, exception, cancellationToken);
            throw new PoisonedLogException(State.Revision + 1, exception);
        }

        AdoptRead(read);
        return found;
    }

    /// <summary>Whether a commit that was folded left an answer in this inbox row; asked once.</summary>
    public bool TakeAnswered(string inboxKey) => answered.Remove(inboxKey);

    private void Take(Commit commit)
    {
        unsent.Add(commit);
        answered.UnionWith(commit.Answered.Where(key => key.StartsWith(RowKeys.InboxOf(Engine), StringComparison.Ordinal)));
        SinceSnapshot = (
            SinceSnapshot.Entries + commit.Entries.Count,
            SinceSnapshot.Bytes + commit.Entries.Sum(static entry => (long)entry.Changes.Length)
        );
    }

    private void AdoptRead(StoredHead read)
    {
        // A write of ours whose answer was lost may have brought a new generation, whose predecessor still has the members.
        settled &= head?.Value.Generation == read.Value.Generation;
        head = read;
        MustRefresh = false;
        doubtful = doubtful == read.ETag ? doubtful : null;
        if (!HoldsLease || Head.LeaseTerm != heldTerm)
        {
            // Not ours, or handed to us by another holder: what was sent is what the head says.
            heldTerm = HoldsLease ? Head.LeaseTerm : 0;
            LeaseSession++;
            Sent = Head.Published;
            settled = false;
        }

        else if (Sent < Head.Published)
        {
            // A write of ours that was given up as lost has arrived after all.
            Sent = Head.Published;
        }

        if (!HoldsLease)
        {
            // Whoever took an expired lease has advanced the generation already.
            MustAdvance = false;
            evictedUpTo = 0;
        }

        unsent.RemoveAll(commit => commit.Last <= Sent);
    }

    private void Adopt(StoredHead written, Commit? commit, bool heldBefore)
    {
        var generationBefore = Head.Generation;
        var snapshotBefore = Head.SnapshotKey;
        head = written;
        doubtful = null;
        LastWrite = services.Time.GetTimestamp();
        if (commit is not null)
        {
            State.Remember(commit);
            Take(commit);
        }

        if (FinishedSnapshot is { } snapshot)
        {
            SupersededSnapshot = snapshotBefore;
            SnapshotBytes = snapshot.Bytes;
            FinishedSnapshot = null;
        }

        if (!HoldsLease || !heldBefore)
        {
            Sent = Head.Published;
        }

        LeaseSession += heldBefore ? 0 : 1;

        if (!HoldsLease || !heldBefore || Head.Generation != generationBefore)
        {
            settled = false;
        }

        heldTerm = HoldsLease ? Head.LeaseTerm : 0;
    }

    /// <summary>Starts counting for the next snapshot; called when one is begun at the present revision.</summary>
    public void BeginSnapshot() => SinceSnapshot = default;
}
