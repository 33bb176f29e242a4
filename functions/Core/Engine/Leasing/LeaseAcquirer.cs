namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// Gets the lease: at once when it is free, by asking its holder for it, or by taking it over when the same term has stood for the
/// lease time without anything being published under it, on our own monotonic clock. No wall clocks are compared.
/// </summary>
internal sealed class LeaseAcquirer(EngineDependencies services, SequencerOptions options, ProjectReplica replica)
{
    private (long Term, long Published) observed = (-1, -1);
    private long observedSince;
    private (long Revision, long Published) observedProgress = (-1, -1);
    private long progressSince;
    private long nextLook;
    private TimeSpan delay = options.WatchMin;

    /// <summary>How long until the head is to be looked at again.</summary>
    public TimeSpan UntilNextLook
    {
        get
        {
            var now = services.Time.GetTimestamp();
            return nextLook <= now ? TimeSpan.Zero : services.Time.GetElapsedTime(now, nextLook);
        }
    }

    /// <summary>How long the holder has neither committed nor published anything, as far as was looked.</summary>
    public TimeSpan StandsStillFor =>
        observedProgress.Revision < 0 ? TimeSpan.Zero : services.Time.GetElapsedTime(progressSince);

    /// <summary>The next look is due now: something else is about to take a round trip, and it costs no time beside that.</summary>
    public void LookAtOnce() => nextLook = 0;

    /// <summary>True when we hold the lease. False when somebody else does and it is to be tried again after <see cref="UntilNextLook"/>.</summary>
    /// <param name="urgent">Whether something waits that only the holder of the lease can do for us.</param>
    /// <param name="forwarded">Whether the holder works for us, so that the head is worth watching closely.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> ObtainAsync(bool urgent, bool forwarded, CancellationToken cancellationToken)
    {
        if (!replica.Head.LeaseIsFree && observed.Term >= 0)
        {
            if (UntilNextLook > TimeSpan.Zero)
            {
                return false;
            }

            await replica.RefreshAsync(commitId: null, cancellationToken);
        }

        delay = forwarded ? options.WatchForwarded : delay;

        for (var attempt = 1; !replica.HoldsLease && replica.Head.LeaseIsFree; attempt++)
        {
            if (attempt > options.CommitAttemptsMax)
            {
                Postpone();
                return false;
            }

            var next = replica.Head.TakenBy(replica.Engine);
            if (await replica.WriteAsync(next, commit: null, cancellationToken) != HeadWrite.Written)
            {
                await replica.RefreshAsync(commitId: null, cancellationToken);
            }
        }

        if (replica.HoldsLease)
        {
            Forget();
            return true;
        }

        return await WatchAsync(urgent, cancellationToken);
    }

    private async Task<bool> WatchAsync(bool urgent, CancellationToken cancellationToken)
    {
        var head = replica.Head;
        if ((head.LeaseTerm, head.Published) != observed)
        {
            // A busy holder has no need to renew: that it publishes shows as well that it is alive.
            observed = (head.LeaseTerm, head.Published);
            observedSince = services.Time.GetTimestamp();
            delay = options.WatchMin;
        }

        if ((head.Revision, head.Published) != observedProgress)
        {
            observedProgress = (head.Revision, head.Published);
            progressSince = services.Time.GetTimestamp();
        }

        var waited = services.Time.GetElapsedTime(observedSince);
        if (waited >= options.LeaseTime)
        {
            var taken = head.TakenBy(replica.Engine) with { Generation = head.Generation + 1 };
            if (await replica.WriteAsync(taken, commit: null, cancellationToken) == HeadWrite.Written)
            {
                services.Observer.LeaseTakenOver(replica.Project, head.LeaseOwner, taken.Generation);
                Forget();
                return true;
            }

            await replica.RefreshAsync(commitId: null, cancellationToken);
        }
        else if (head.LeaseWanted.Length == 0 && urgent)
        {
            var asked = head with { LeaseWanted = replica.Engine };
            if (await replica.WriteAsync(asked, commit: null, cancellationToken) != HeadWrite.Written)
            {
                await replica.RefreshAsync(commitId: null, cancellationToken);
            }
        }

        Postpone();
        return replica.HoldsLease;
    }

    private void Postpone()
    {
        nextLook = services.Time.GetTimestamp() + (long)(delay.TotalSeconds * services.Time.TimestampFrequency);
        delay = delay * 2 < options.WatchMax ? delay * 2 : options.WatchMax;
    }

    private void Forget()
    {
        observed = (-1, -1);
        observedProgress = (-1, -1);
        nextLook = 0;
        delay = options.WatchMin;
    }
}
