using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// What an engine knows and has done while it holds the lease: made when the lease is gained, dropped when it is lost, held over as many
/// turns as the lease is. What was done counts once a later write of the head shows that the lease was ours all the time
/// (<see cref="HeadWriter"/>); until then it is <see cref="Unconfirmed"/>.
/// </summary>
/// <remarks>
/// Two facts outlive it. A send of unknown outcome may arrive after the lease is gone (<see cref="HeadWriter.OwesAdvance"/>), and a head
/// write of unknown outcome may still be carried out (<see cref="HeadWriter.HasWriteInDoubt"/>).
/// </remarks>
/// <param name="term">The term under which the lease is held.</param>
/// <param name="published">The last revision that the head says was sent.</param>
/// <param name="begunAt">The time stamp at which this engine learned that it holds the lease.</param>
/// <param name="silence">The silence around the dataset of a reset; none has begun.</param>
internal sealed class LeaseSession(long term, long published, long begunAt, ResetSilence silence)
{
    private long migratedGeneration;

    /// <summary>The term under which the lease is held; goes up with each renewal.</summary>
    public long Term { get; private set; } = term;

    /// <summary>The time stamp at which this engine learned that it holds the lease.</summary>
    public long BegunAt { get; } = begunAt;

    /// <summary>The time stamp of the last head write under this lease; null before the first one.</summary>
    public long? WrittenAt { get; private set; }

    /// <summary>The last revision that was sent to the group.</summary>
    public long Sent { get; private set; } = published;

    /// <summary>The version of the access list that the members of the group satisfy; 0 before they were checked under this lease.</summary>
    public long EnforcedAccessVersion { get; set; }

    /// <summary>When the dataset of the last reset or restore was sent; null when none was under this lease.</summary>
    public DateTimeOffset? ReplacedAt { get; set; }

    /// <summary>Whether the last turn kept the lease because more was waiting, so that no other engine had a chance to take it.</summary>
    public bool IsKeptOver { get; set; }

    /// <summary>The silence around the dataset of a reset or restore.</summary>
    public ResetSilence Silence { get; } = silence;

    /// <summary>What was done and does not count yet.</summary>
    public UnconfirmedWork Unconfirmed { get; } = new();

    /// <summary>Everything up to a revision was sent.</summary>
    public void MarkSent(long revision) => Sent = Math.Max(Sent, revision);

    /// <summary>The members of older generations are in the group of this one.</summary>
    public void MarkMigrated(long generation) => migratedGeneration = generation;

    /// <summary>Whether the groups of the generations before this one are known to be empty.</summary>
    public bool HasMigratedTo(long generation) => migratedGeneration == generation;

    /// <summary>A head write was stored under this lease.</summary>
    public void MarkWritten(Head written, long timestamp)
    {
        Term = written.LeaseTerm;
        WrittenAt = timestamp;
    }
}
