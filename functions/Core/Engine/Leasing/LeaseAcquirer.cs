using ServerlessSync.Core.Coordination;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// Gets the lease: at once when it is free, by asking its holder for it, or by taking it over when the same term has stood for the
/// lease time without anything being published under it, on our own monotonic clock. No wall clocks are compared.
/// </summary>
internal sealed class LeaseAcquirer(EngineDependencies services, SequencerOptions options, ProjectReplica replica, HeadWriter head)
{
    private readonly Backoff looks = new(options.WatchRetry, services.Time, services.Ids);
    private readonly ChangeWatch<(long Term, long Published)> life = new(services.Time);
    private readonly ChangeWatch<(long Revision, long Published)> progress = new(services.Time);

    /// <summary>How long until the head is to be read again.</summary>
    public TimeSpan UntilNextLook => looks.Remaining;

    /// <summary>How long the holder has neither committed nor published, as far as was observed.</summary>
    public TimeSpan StandsStillFor => progress.UnchangedFor;

    /// <summary>The next look is due now: something else is about to take a round trip, and it costs no time beside that.</summary>
    public void LookAtOnce() => looks.TryNow();

    /// <summary>True when this engine holds the lease. False when another one does, and it is to be tried again after <see cref="UntilNextLook"/>.</summary>
    /// <param name="urgent">Whether something waits that only the holder of the lease can do for this engine.</param>
    /// <param name="forwarded">Whether the holder works for this engine, so that the head is worth watching closely.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> ObtainAsync(bool urgent, bool forwarded, CancellationToken cancellationToken)
    {
        if (!replica.Head.LeaseIsFree && life.HasObserved)
        {
            if (UntilNextLook > TimeSpan.Zero)
            {
                return false;
            }

            await replica.RefreshAsync(commitId: null, cancellationToken);
        }

        var isSettled = await head.TryUpdateAsync(
            () => !head.HoldsLease && replica.Head.LeaseIsFree ? head.Progress() with { Lease = LeaseChange.Take } : null,
            cancellationToken
        );
        if (head.HoldsLease)
        {
            Forget();
            return true;
        }

        var isNews = Observe();
        if (isSettled && await WatchAsync(urgent, cancellationToken))
        {
            return true;
        }

        looks.Postpone(forwarded && !isNews ? options.WatchForwarded : null);
        return head.HoldsLease;
    }

    /// <summary>Observes a foreign holder; takes the lease over when it has expired, or asks for it. True when it was taken over.</summary>
    private async Task<bool> WatchAsync(bool urgent, CancellationToken cancellationToken)
    {
        var holder = replica.Head;
        if (life.UnchangedFor >= options.LeaseTime)
        {
            var takeOver = head.Progress() with { Lease = LeaseChange.Take, AdvancesGeneration = true };
            if (await head.WriteOrRefreshAsync(takeOver, cancellationToken))
            {
                services.Observer.LeaseTakenOver(replica.Project, holder.LeaseOwner, replica.Head.Generation);
                Forget();
                return true;
            }
        }
        else if (holder.LeaseWanted.Length == 0 && urgent)
        {
            await head.WriteOrRefreshAsync(head.Progress() with { Lease = LeaseChange.Request }, cancellationToken);
        }

        return false;
    }

    /// <summary>Compares the head with the last observation. True when the holder has shown that it is alive.</summary>
    private bool Observe()
    {
        var seen = replica.Head;
        progress.Observe((seen.Revision, seen.Published));
        if (!life.Observe((seen.LeaseTerm, seen.Published)))
        {
            return false;
        }

        // A busy holder has no need to renew: a publication shows as well that it is alive.
        looks.Reset();
        return true;
    }

    private void Forget()
    {
        life.Reset();
        progress.Reset();
        looks.Reset();
    }
}
