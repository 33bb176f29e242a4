using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>Head writes that carry no commit: repeated after lost races, within a limit.</summary>
internal static class HeadUpdates
{
    /// <summary>
    /// Writes the head, and after each lost race reads it and asks for the patch again, until it is stored or there is nothing to write.
    /// False after <see cref="HeadWriter.AttemptsMax"/> lost races.
    /// </summary>
    public static async Task<bool> TryUpdateAsync(this HeadWriter head, Func<HeadPatch?> patch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= head.AttemptsMax; attempt++)
        {
            if (patch() is not { } next || await head.WriteOrRefreshAsync(next, cancellationToken))
            {
                return true;
            }
        }

        return patch() is null;
    }

    /// <summary>The same, for what must not be left undone.</summary>
    /// <exception cref="StorageException">All races were lost.</exception>
    public static async Task UpdateAsync(this HeadWriter head, Func<HeadPatch?> patch, CancellationToken cancellationToken)
    {
        if (!await head.TryUpdateAsync(patch, cancellationToken))
        {
            head.ThrowAfter(head.AttemptsMax);
        }
    }

    /// <summary>Ends a series of lost races.</summary>
    /// <exception cref="StorageException">The last attempt was lost.</exception>
    public static void ThrowAfter(this HeadWriter head, int attempt)
    {
        if (attempt >= head.AttemptsMax)
        {
            throw new StorageException($"A write of the head of project {head.Replica.Project} lost {attempt} races.", outcomeUnknown: false);
        }
    }

    /// <summary>Writes once, and reads the head when the write was not stored.</summary>
    public static async Task<bool> WriteOrRefreshAsync(this HeadWriter head, HeadPatch patch, CancellationToken cancellationToken)
    {
        if (await head.WriteAsync(patch, cancellationToken) == HeadWrite.Written)
        {
            return true;
        }

        await head.Replica.RefreshAsync(commitId: null, cancellationToken);
        return false;
    }

    /// <summary>
    /// Renews the lease when its term is older than <see cref="SequencerOptions.LeaseRenewal"/>, so that a long publication is not taken for
    /// a dead engine. False when the lease was lost.
    /// </summary>
    public static async Task<bool> KeepLeaseAsync(this HeadWriter head, CancellationToken cancellationToken)
    {
        await head.UpdateAsync(
            () => head.UntilRenewal == TimeSpan.Zero ? head.Progress() with { Lease = LeaseChange.Renew } : null,
            cancellationToken
        );
        return head.HoldsLease;
    }

    /// <summary>Records what was sent, when the head does not say it yet, and keeps the lease. False when it was lost.</summary>
    public static async Task<bool> RecordAsync(this HeadWriter head, CancellationToken cancellationToken)
    {
        await head.UpdateAsync(
            () => head.Session is { } session && head.Replica.Head.Published < session.Sent ? head.Progress() : null,
            cancellationToken
        );
        return await head.KeepLeaseAsync(cancellationToken);
    }
}
