using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// The head row as this instance last read it, and with it the lease on sending lists. A holder counts its term from before the write,
/// an observer from its first read, so a holder always takes its lease for older than an observer does.
/// </summary>
internal sealed class PresenceLease(
    PresenceTable table,
    string owner,
    TimeProvider timeProvider,
    TimeSpan leaseTime,
    Action<long> takenOver
)
{
    private ETag? tag;
    private bool isKnown;
    private readonly ChangeWatch<(string Owner, long Term)> term = new(timeProvider);
    private long wroteAt;

    public PresenceHead Head { get; private set; } = PresenceHead.Empty;

    public bool Holds => isKnown && IsOwn(Head);

    /// <summary>Whether the head may have moved since it was seen.</summary>
    public bool IsStale { get; private set; } = true;

    /// <summary>Whether somebody else's lease has stood unchanged for so long that its holder counts as dead.</summary>
    public bool HasLapsed => isKnown && !Head.IsFree && !Holds && term.UnchangedFor >= leaseTime;

    public bool MayTake => Head.IsFree || Holds || HasLapsed;

    /// <summary>Whether the own lease must be renewed before a send, which takes up to 2 s, can be over in time.</summary>
    public bool IsAging => Holds && term.UnchangedFor >= leaseTime / 2;

    public async Task RefreshAsync()
    {
        var (head, readTag) = await table.ReadHeadAsync();
        Adopt(head, readTag);
    }

    /// <summary>The head may have moved.</summary>
    public void Suspect() => IsStale = true;

    /// <summary>Nothing is known any longer, not even whether the lease is held. The next look at the table tells.</summary>
    public void Forget()
    {
        isKnown = false;
        IsStale = true;
    }

    public PresenceHead Take(PresenceHead head) => head.HeldBy(owner);

    /// <summary>Writes the head alone, if it is still the one seen. False: it has moved.</summary>
    public async Task<bool> TryWriteAsync(PresenceHead next) =>
        await SubmitAsync(next, []) is TransactionResult.Committed;

    /// <summary>Writes the head and rows together, if the head is still the one seen. The head is action 0.</summary>
    public async Task<TransactionResult> SubmitAsync(PresenceHead next, IReadOnlyList<TableAction> rows)
    {
        wroteAt = timeProvider.GetTimestamp();
        IsStale = true;
        var isTakeOver = HasLapsed && IsOwn(next);
        var result = await table.SubmitAsync([next.ToAction(tag), .. rows], CancellationToken.None);
        if (result is TransactionResult.Committed committed)
        {
            Adopt(next, committed.ETags[0]);
            if (isTakeOver)
            {
                takenOver(next.Term);
            }
        }

        return result;
    }

    private bool IsOwn(PresenceHead head) => string.Equals(head.Owner, owner, StringComparison.Ordinal);

    private void Adopt(PresenceHead head, ETag? newTag)
    {
        term.Observe((head.Owner, head.Term), IsOwn(head) ? wroteAt : timeProvider.GetTimestamp());
        Head = head;
        tag = newTag;
        isKnown = true;
        IsStale = false;
    }
}
