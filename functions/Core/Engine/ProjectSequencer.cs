using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// The engine of one project in one process: a mailbox and one loop that commits what has arrived, publishes what is accepted, and adds
/// subscribers. Several of them, in several processes, may serve the same project.
/// </summary>
internal sealed class ProjectSequencer
{
    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly Mailbox mailbox;
    private readonly ProjectReplica replica;
    private readonly EngineParts parts;
    private Quarantine? quarantine;
    private bool isMissing;
    private bool isRecovering;
    private long lastWork;

    /// <summary>How many requests are likely to come together: those of the last turn that had any, and those that came meanwhile.</summary>
    private int expectedRequests;

    public ProjectSequencer(EngineDependencies services, SequencerOptions options, ProjectId project, LoadingScope loading)
    {
        this.services = services;
        this.options = options;
        Loading = loading;
        mailbox = new Mailbox(options.MailboxMax, options.MailboxBytesMax, loading.Budget, services.Time);
        replica = new ProjectReplica(services, project, loading);
        parts = new EngineParts(services, options, replica, mailbox, loading.Budget);
        lastWork = services.Time.GetTimestamp();
        Completion = RunAsync();
    }

    /// <summary>Ends when the loop has ended.</summary>
    public Task Completion { get; }

    /// <summary>What it has taken of the memory for projects.</summary>
    public LoadingScope Loading { get; }

    public PostResult Post(ProjectRequest item) => mailbox.Post(item);

    /// <summary>Ends the loop when nothing waits. False when something does.</summary>
    public bool TryRetire()
    {
        // An engine that waits for memory itself, or has it for a moment, would be waited for in vain.
        return !Loading.IsBusy && mailbox.Close(onlyIfEmpty: true);
    }

    /// <summary>Takes nothing more, finishes what waits, and ends. A cancelled caller no longer waits for it.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        mailbox.Close(onlyIfEmpty: false);
        return Completion.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (true)
        {
            if (NextTimeout() is var timeout && timeout > TimeSpan.Zero)
            {
                await mailbox.WaitAsync(timeout);
            }

            if (parts.Head.HoldsLease && expectedRequests > 1 && !mailbox.IsEmpty)
            {
                await mailbox.GatherAsync(expectedRequests, options.Gather);
            }

            var (entries, bytes) = parts.Inbox.Size;
            var items = mailbox.Take(options.CommitEntriesMax - entries, options.CommitBytesMax - bytes);
            if (items.Count > 0)
            {
                lastWork = services.Time.GetTimestamp();
                parts.SendRetry.TryNow();
            }
            else if (IsDone() && mailbox.Close(onlyIfEmpty: true))
            {
                break;
            }

            await TurnAsync(items);
            expectedRequests = items.Count > 0 ? items.Count + mailbox.Count : expectedRequests;
        }

        await parts.Snapshots.FinishAsync(CancellationToken.None);
        await parts.Marker.RemoveAsync(CancellationToken.None);
    }

    private bool IsDone()
    {
        var isIdle = services.Time.GetElapsedTime(lastWork) >= options.IdleTime;
        var hasNothingToDo = replica.IsLoaded
            ? !replica.MustRefresh && !parts.Head.HoldsLease && !NeedsLease && parts.Coordinator.IsEmpty
            : !isRecovering;
        return hasNothingToDo && (mailbox.IsClosed || isIdle || isMissing);
    }

    /// <summary>Whether something waits for the lease, or for its holder.</summary>
    private bool NeedsLease => parts.LeaseWork.IsWaited || parts.Head.HasUnsent || parts.Head.IsAskingForLease;

    /// <summary>How long the loop may sleep; zero when something is due now.</summary>
    private TimeSpan NextTimeout()
    {
        if (!replica.IsLoaded)
        {
            var idle = mailbox.IsClosed || isMissing ? TimeSpan.Zero : options.IdleTime;
            return isRecovering ? parts.SendRetry.Remaining : idle;
        }

        if (replica.MustRefresh)
        {
            return parts.SendRetry.Remaining;
        }

        var timeout = mailbox.IsClosed && IsDone() ? TimeSpan.Zero : options.IdleTime;
        return Clock.Min(timeout, parts.Head.HoldsLease ? NextTimeoutOfHolder() : NextTimeoutOfOther());
    }

    private TimeSpan NextTimeoutOfHolder()
    {
        if (parts.Head.Session is { Silence.HoldsLease: true } session)
        {
            return Clock.Max(parts.SendRetry.Remaining, NextTimeoutInSilence(session));
        }

        var timeout = Clock.Max(parts.SendRetry.Remaining, UntilLeaving());
        return parts.Coordinator.Queue.UntilDue() is { } due ? Clock.Min(timeout, due) : timeout;
    }

    /// <summary>Until the inbox is to be read, or the lease to be given back.</summary>
    private TimeSpan UntilLeaving() =>
        parts.Inbox.HasFound ? TimeSpan.Zero
        : parts.Inbox.IsLingering ? parts.Inbox.UntilLook
        : NeedsLease ? TimeSpan.Zero
        : parts.Head.HoldRemaining;

    /// <summary>Until the silence is over, the lease is to be renewed, the inbox to be read, or a join is due that need not wait for it.</summary>
    private TimeSpan NextTimeoutInSilence(LeaseSession session)
    {
        var timeout = Clock.Min(session.Silence.Remaining, parts.Head.UntilRenewal ?? TimeSpan.Zero);
        timeout = parts.Inbox.HasFound ? TimeSpan.Zero : Clock.Min(timeout, options.WatchMax);
        return !parts.Head.HasUnsent && parts.Coordinator.Queue.UntilDue() is { } due ? Clock.Min(timeout, due) : timeout;
    }

    private TimeSpan NextTimeoutOfOther()
    {
        var timeout = options.IdleTime;
        if (NeedsLease)
        {
            timeout = parts.SendRetry.IsPostponed ? parts.SendRetry.Remaining : parts.Lease.UntilNextLook;
        }

        if (parts.Coordinator.Queue.UntilDue() is not { } due)
        {
            return timeout;
        }

        // After giving up, wait for the next try; otherwise the loop spins.
        due = replica.Head.LeaseIsFree ? due : Clock.Max(due, parts.Lease.UntilNextLook);
        return Clock.Min(timeout, Clock.Max(due, parts.SendRetry.Remaining));
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "The loop must answer everything that waits, whatever broke, and then continue."
    )]
    private async Task TurnAsync(List<ProjectRequest> items)
    {
        using var activity = SyncTracing.StartTurn(replica.Project.Key, items);
        try
        {
            await ServeAsync(items);
        }
        catch (ProjectDeletedException)
        {
            FailAll(items, new ProjectOutcome.Denied());
            isRecovering = false;
        }
        catch (PoisonedLogException poison)
        {
            // What waits is delivered again, and served from the quarantine then.
            services.Observer.Quarantined(replica.Project, poison.Revision, poison);
            quarantine = new Quarantine(services, options, replica, poison);
            FailAll(items, ProjectTurn.OutcomeOf(poison));
            isRecovering = false;
        }
        catch (Exception exception)
        {
            services.Observer.Failed(replica.Project, exception);
            if (replica.IsLoaded && !ProjectTurn.GivesUpStateFor(exception, mailbox))
            {
                services.Observer.Dropped(replica.Project, exception);
            }

            parts.StoreRetry.Postpone();
            FailAll(items, ProjectTurn.OutcomeOf(exception));
        }

        Loading.Memory.Set(LoadingCost.EngineBytes + replica.ApproximateBytes + (quarantine?.ApproximateBytes ?? 0));
    }

    private async Task ServeAsync(List<ProjectRequest> items)
    {
        if (quarantine is not null && await quarantine.IsMendedAsync(CancellationToken.None))
        {
            quarantine = null;
            replica.Unload();
        }

        if (quarantine is not null)
        {
            await quarantine.ServeAsync(items);
        }
        else if (replica.IsLoaded || await LoadAsync(items))
        {
            await parts.Turn.RunAsync(items, CancellationToken.None);
        }
    }

    private async Task<bool> LoadAsync(List<ProjectRequest> items)
    {
        if (items.Count == 0 && !isRecovering)
        {
            return false;
        }

        await parts.StoreRetry.WaitAsync(CancellationToken.None);
        isMissing = !await replica.LoadAsync(CancellationToken.None);
        parts.StoreRetry.Reset();
        isRecovering = false;
        if (isMissing)
        {
            PendingAnswers.Fail(items, new ProjectOutcome.Denied());
            return false;
        }

        parts.SendRetry.TryNow();
        return true;
    }

    private void FailAll(List<ProjectRequest> items, ProjectOutcome outcome)
    {
        PendingAnswers.Fail(items, outcome);
        parts.Turn.FailWaiting(outcome);

        // Something may be committed and not published, or the lease be ours: come back to it even if no request does.
        isRecovering |= replica.IsLoaded;
        replica.Unload();
        parts.SendRetry.Postpone();
    }
}
