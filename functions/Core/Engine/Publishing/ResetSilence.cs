using ServerlessSync.Core.Coordination;

namespace ServerlessSync.Core.Engine.Publishing;

/// <summary>
/// The silence before and after the dataset of a reset or restore: a busy client applies revisions that follow a dataset before the dataset
/// itself. A state under one lease: meanwhile nothing is sent to the group and the lease stays, while commits continue. Connections
/// that load for the first time get it as soon as everything up to the head is sent.
/// </summary>
internal sealed class ResetSilence(TimeProvider time, TimeSpan length)
{
    private Phase phase;
    private long due;

    private enum Phase
    {
        None,
        Before,
        After,
    }

    /// <summary>The revision of the last dataset that was sent under this lease; 0 when there was none.</summary>
    public long ReplacedThrough { get; private set; }

    /// <summary>How long nothing may be sent to the group.</summary>
    public TimeSpan Remaining => phase == Phase.None ? TimeSpan.Zero : time.Until(due);

    /// <summary>Whether the lease must not pass on: a successor would send without silence, or have to begin it anew.</summary>
    public bool HoldsLease => phase == Phase.Before || Remaining > TimeSpan.Zero;

    /// <summary>Begins the silence before a dataset, unless it is over. True when the dataset may be sent now.</summary>
    public bool TryPassBefore()
    {
        if (phase != Phase.Before)
        {
            (phase, due) = (Phase.Before, time.TimestampIn(length));
        }

        if (Remaining > TimeSpan.Zero)
        {
            return false;
        }

        // Should the send fail, its repetition needs silence again.
        phase = Phase.None;
        return true;
    }

    /// <summary>The dataset was sent: begins the silence after it.</summary>
    public void BeginAfter(long revision)
    {
        ReplacedThrough = revision;
        (phase, due) = (Phase.After, time.TimestampIn(length));
    }
}
