using System.Diagnostics;
using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// Writes the head, and follows from what is written and read whether this engine holds the lease. Every write is conditional on the head
/// that the replica has folded up to, so a stored write proves that no other engine wrote in between.
/// </summary>
internal sealed class HeadWriter
{
    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly ProjectReplica replica;
    private ETag? doubtful;

    /// <summary>Follows the heads that a replica reads.</summary>
    /// <param name="services">The ports.</param>
    /// <param name="options">The limits.</param>
    /// <param name="replica">The replica.</param>
    /// <param name="engine">The name under which this engine takes leases.</param>
    public HeadWriter(EngineDependencies services, SequencerOptions options, ProjectReplica replica, string engine)
    {
        this.services = services;
        this.options = options;
        this.replica = replica;
        Engine = engine;
        replica.HeadRead = Follow;
        replica.Unloaded = End;
    }

    /// <summary>The name under which this engine takes leases.</summary>
    public string Engine { get; }

    /// <summary>The replica whose head is written.</summary>
    public ProjectReplica Replica => replica;

    /// <summary>Lost races after which a series of writes is given up.</summary>
    public int AttemptsMax => options.CommitAttemptsMax;

    /// <summary>What is known under the lease; null while this engine does not hold it.</summary>
    public LeaseSession? Session { get; private set; }

    /// <summary>Called when a stored write proves that the lease was held until now: what was done under it counts.</summary>
    public Action<LeaseSession>? Confirmed { get; set; }

    /// <summary>Called when the lease was lost: what is unconfirmed has to be done again.</summary>
    public Action<LeaseSession>? Lost { get; set; }

    public bool HoldsLease => Session is not null;

    /// <summary>The last revision that was sent: under the present lease, or as the head says.</summary>
    public long Sent => Session?.Sent ?? replica.Head.Published;

    public bool HasUnsent => Sent < replica.Head.Revision;

    /// <summary>Whether this engine waits for the holder to hand it the lease.</summary>
    public bool IsAskingForLease => string.Equals(replica.Head.LeaseWanted, Engine, StringComparison.Ordinal);

    /// <summary>Whether another engine is likely to have written the head since, so that reading it costs less than a lost race.</summary>
    public bool IsLikelyStale => !HoldsLease && replica.HasChangedLately;

    /// <summary>The version of the access list that the members of the group satisfy.</summary>
    public long EnforcedAccessVersion => Math.Max(replica.Head.AccessEnforcedVersion, Session?.EnforcedAccessVersion ?? 0);

    /// <summary>Whether a user who may not see the project any more can still be in its group. Then nothing is sent to it.</summary>
    public bool MustEvict => EnforcedAccessVersion < replica.Head.AccessVersion;

    /// <summary>Whether members may still be in groups of older generations.</summary>
    public bool MustMigrate =>
        replica.Head.OldestGeneration < replica.Head.Generation && Session?.HasMigratedTo(replica.Head.Generation) != true;

    /// <summary>
    /// Whether a send of unknown outcome may still arrive. Until a head with the next generation is stored, nothing may be sent to the
    /// present one and the lease must not pass on. Outlives the session and the loaded state: the send does, too.
    /// </summary>
    public bool OwesAdvance { get; private set; }

    /// <summary>
    /// Whether a head write of ours may still be carried out: its answer was lost, and the head that it replaces is still the stored one.
    /// Outlives the session and the loaded state for that reason.
    /// </summary>
    public bool HasWriteInDoubt => doubtful is not null;

    /// <summary>When subscribers can have seen the last reset or restore at the earliest: it may have been accepted long before it was sent.</summary>
    public DateTimeOffset ResetTime
    {
        get
        {
            var known = replica.State.ResetTime > replica.Head.ReplacedAt ? replica.State.ResetTime : replica.Head.ReplacedAt;
            return Session?.ReplacedAt is { } sent && sent > known ? sent : known;
        }
    }

    /// <summary>
    /// Whether subscribers were sent the dataset of a reset or restore. After a restore from an archive they have not seen it: all of them
    /// are closed first.
    /// </summary>
    public bool HasBeenSeen(long resetRevision) => resetRevision <= Sent && !IsClosingAll;

    /// <summary>Whether the project was restored from an archive, and the connections that had it open before are still to be closed.</summary>
    public bool IsClosingAll => MustEvict && replica.AccessRow.EvictsAll;

    /// <summary>A send under the lease has no known outcome.</summary>
    public void OweAdvance() => OwesAdvance = true;

    /// <summary>
    /// What is true by now and the head does not say yet. Every write carries it: an owed advance must not be missing in any, and a
    /// successor continues from what the head says.
    /// </summary>
    public HeadPatch Progress()
    {
        var head = replica.Head;
        var patch = new HeadPatch { SnapshotKey = replica.Snapshots.KeyToName(head) };
        if (Session is not { } session)
        {
            return patch;
        }

        var hasReplaced = head.Published < replica.State.ResetRevision && session.Sent >= replica.State.ResetRevision;
        return patch with
        {
            AdvancesGeneration = OwesAdvance,
            DropsOlderGenerations = session.HasMigratedTo(head.Generation),
            Published = session.Sent,
            ReplacedAt = hasReplaced ? session.ReplacedAt : null,
            AccessEnforcedVersion = session.EnforcedAccessVersion,
        };
    }

    /// <summary>Writes the head once.</summary>
    /// <param name="patch">What changes; what follows from <see cref="Progress"/> included.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="commit">A commit whose entries are applied to the dataset already.</param>
    /// <param name="drained">Receipts of inbox rows, stored in the same transaction.</param>
    /// <param name="access">A new access list, stored in the same transaction.</param>
    /// <exception cref="StorageException">Nothing was written.</exception>
    public async Task<HeadWrite> WriteAsync(
        HeadPatch patch,
        CancellationToken cancellationToken,
        Commit? commit = null,
        IReadOnlyList<InboxReceipt>? drained = null,
        AccessRow? access = null
    )
    {
        Debug.Assert(!HoldsLease || !OwesAdvance || patch.AdvancesGeneration, "A write of the holder must carry an owed advance.");
        Debug.Assert(patch.Published is null || HoldsLease, "Only the holder of the lease knows what was sent.");
        var expected = replica.StoredHead;
        var next = patch.ApplyTo(expected.Value, Engine, commit?.Last ?? expected.Value.Revision);
        try
        {
            if (await replica.Log.WriteAsync(expected, next, commit, drained ?? [], cancellationToken, access) is not { } written)
            {
                replica.MustRefresh = true;
                return HeadWrite.Lost;
            }

            replica.Adopt(written, commit, access);
            replica.Snapshots.MarkWritten(expected.Value, patch);
            FollowWrite(patch);
            return HeadWrite.Written;
        }
        catch (StorageException exception) when (exception.OutcomeUnknown)
        {
            doubtful = expected.ETag;
            replica.MustRefresh = true;
            return HeadWrite.Unknown;
        }
    }

    /// <summary>How long until the lease must be renewed; null when it is not held.</summary>
    public TimeSpan? UntilRenewal
    {
        get
        {
            if (Session is not { } session)
            {
                return null;
            }

            var age = session.WrittenAt is { } written ? services.Time.GetElapsedTime(written) : TimeSpan.MaxValue;
            return age > options.LeaseRenewal ? TimeSpan.Zero : options.LeaseRenewal - age + TimeSpan.FromTicks(1);
        }
    }

    /// <summary>
    /// How long the lease is kept for the next change when nothing is left to do under it. Zero when other engines write the head as well:
    /// they would wait for it.
    /// </summary>
    public TimeSpan HoldRemaining =>
        Session?.WrittenAt is { } written && (replica.SinceForeignWrite is not { } since || since >= options.AloneAfter)
            ? Clock.Max(options.LeaseHold - services.Time.GetElapsedTime(written), TimeSpan.Zero)
            : TimeSpan.Zero;

    private void FollowWrite(HeadPatch patch)
    {
        var head = replica.Head;
        doubtful = null;
        if (Session is { } session)
        {
            OwesAdvance &= !patch.AdvancesGeneration;
            session.MarkWritten(head, services.Time.GetTimestamp());
            Confirmed?.Invoke(session);
        }

        if (!head.IsHeldBy(Engine))
        {
            End();
        }
        else if (Session is null)
        {
            Session = NewSession(head);
            Session.MarkWritten(head, services.Time.GetTimestamp());
        }

        replica.Unsent.DropThrough(Sent);
    }

    /// <summary>Compares the head that was read with what was known.</summary>
    private void Follow()
    {
        var head = replica.Head;
        doubtful = doubtful == replica.StoredHead.ETag ? doubtful : null;
        if (!head.IsHeldBy(Engine))
        {
            // An engine that takes over an expired lease advances the generation itself.
            OwesAdvance = false;
            End();
        }
        else if (Session?.Term != head.LeaseTerm)
        {
            // Handed to this engine, or held by another one in between: what was sent is what the head says.
            End();
            Session = NewSession(head);
        }
        else
        {
            // A write of ours that was given up as lost may have arrived after all.
            Session.MarkSent(head.Published);
        }

        Debug.Assert(HoldsLease == head.IsHeldBy(Engine), "There is a session exactly while the head names this engine.");
        replica.Unsent.DropThrough(Sent);
    }

    private LeaseSession NewSession(Head head) =>
        new(head.LeaseTerm, head.Published, services.Time.GetTimestamp(), new ResetSilence(services.Time, options.QuietTime));

    private void End()
    {
        if (Session is { } session)
        {
            Session = null;
            Lost?.Invoke(session);
        }
    }
}
