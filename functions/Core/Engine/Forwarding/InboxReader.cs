using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Engine.Forwarding;

/// <summary>What others left for the holder of the lease: when to look for it, and what was found.</summary>
internal sealed class InboxReader(EngineDependencies services, SequencerOptions options, ProjectReplica replica, HeadWriter head, InboxWriter forwarder)
{
    private IReadOnlyList<InboxDrain> found = [];
    private long? lastLook;
    private long? lastFound;
    private string? lastRead;

    /// <summary>Whether something waits to be drained with the next commit.</summary>
    public bool HasFound => found.Count > 0;

    /// <summary>Whether the lease is worth keeping for a moment, because more is likely to come.</summary>
    public bool IsLingering => lastFound is { } moment && services.Time.GetElapsedTime(moment) < options.LeaseHoldAfterDrain;

    /// <summary>How much of a commit what was found takes.</summary>
    public (int Entries, int Bytes) Size =>
        (
            found.Sum(static drain => drain.Items.Sum(static item => item.Size.Entries)),
            found.Sum(static drain => drain.Row.Content.Length)
        );

    /// <summary>Until the next look.</summary>
    public TimeSpan UntilLook
    {
        get
        {
            var since = lastLook is { } moment ? services.Time.GetElapsedTime(moment) : TimeSpan.MaxValue;
            return since >= options.InboxPollInterval ? TimeSpan.Zero : options.InboxPollInterval - since;
        }
    }

    /// <summary>
    /// Whether the lease has been held for a while without a look, and is used again. Other engines leave their submissions to a holder that
    /// has something to publish, and to them every holder has that keeps the record of it for its next write.
    /// </summary>
    private bool IsLongHeld =>
        head is { HasUnsent: true, Session: { } session }
        && services.Time.GetElapsedTime(Math.Max(session.BegunAt, lastLook ?? long.MinValue)) >= options.InboxPollWhileAlone;

    /// <summary>Whether to look now.</summary>
    /// <param name="busy">Whether this engine keeps the lease from turn to turn, so that no other engine gets it.</param>
    public bool ShouldLook(bool busy)
    {
        var contended = lastFound is { } moment && services.Time.GetElapsedTime(moment) < options.ContendedFor;
        return !HasFound && UntilLook == TimeSpan.Zero && (busy || contended || forwarder.HasOutstanding || IsLongHeld);
    }

    /// <summary>
    /// Looks for what one commit can drain. Where there is more, the next look continues behind it: rows are ordered by their writers'
    /// names, and no engine may wait longer because of its name.
    /// </summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        lastLook = services.Time.GetTimestamp();
        var drains = new List<InboxDrain>();
        var (entries, bytes) = (0, 0);
        var rows = await replica.Log.ReadInboxAsync(lastRead, options.InboxRowsMax, cancellationToken);
        lastRead = rows.Count == options.InboxRowsMax ? rows[^1].Key : null;
        for (var index = 0; index < rows.Count; index++)
        {
            if (ToDrain(rows[index]) is not { } drain)
            {
                continue;
            }

            entries += drain.Items.Sum(static item => item.Size.Entries);
            bytes += drain.Row.Content.Length;
            if (drains.Count > 0 && (entries > options.CommitEntriesMax || bytes > options.CommitBytesMax / 2))
            {
                lastRead = rows[index - 1].Key;
                break;
            }

            drains.Add(drain);
        }

        found = drains;
        if (drains.Count > 0)
        {
            lastFound = services.Time.GetTimestamp();
        }
    }

    /// <summary>Hands over what was found; it is looked for anew when it cannot be drained.</summary>
    public IReadOnlyList<InboxDrain> Take()
    {
        var taken = head.HoldsLease ? found : [];
        found = [];
        return taken;
    }

    /// <summary>Those of our own rows whose items were answered otherwise belong to no request now; the next look finds them so.</summary>
    public void Forget() => found = [];

    private InboxDrain? ToDrain(InboxRow row)
    {
        if (row.Answers is null)
        {
            var own = forwarder.ItemsOf(row.Key);
            var items = own ?? SubmissionCodec.Read(row.Content, services.Time.GetTimestamp());
            return new InboxDrain(row, items, IsOwn: own is not null);
        }

        var isForgotten = services.Time.GetUtcNow() - row.Time > options.AnswerHorizon;
        return isForgotten ? new InboxDrain(row, Items: [], IsOwn: true) : null;
    }
}
