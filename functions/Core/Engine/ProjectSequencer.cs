using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// The engine of one project in one process (DESIGN section 5): a mailbox and one loop that commits what has arrived, publishes
/// what is accepted, and lets connections in. Several of them, in several processes, may serve the same project.
/// </summary>
internal sealed partial class ProjectSequencer
{
    private static readonly TimeSpan PublishRetryMax = TimeSpan.FromSeconds(30);

    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly Mailbox mailbox;
    private readonly ProjectReplica replica;
    private readonly PendingPublicationMarker due;
    private readonly Committer committer;
    private readonly StreamPublisher publisher;
    private readonly SubscriptionCoordinator desk;
    private readonly LeaseAcquirer lease;
    private readonly SnapshotWriter snapshots;
    private readonly InboxWriter forwarder;
    private readonly InboxReader inbox;
    private readonly BackOff backOff;
    private readonly DatasetDebts debts;
    private readonly List<(ProjectRequest Item, long Revision)> unanswered = [];
    private Quarantine? quarantine;
    private volatile bool closing;
    private bool isMissing;
    private bool recovering;
    private bool keptLease;
    private long lastWork;
    private long retryAt;
    private TimeSpan retryDelay;

    public ProjectSequencer(EngineDependencies services, SequencerOptions options, ProjectId project, LoadingScope loading)
    {
        this.services = services;
        this.options = options;
        Loading = loading;
        mailbox = new Mailbox(options.MailboxMax, options.MailboxBytesMax, loading.Budget);
        replica = new ProjectReplica(services, project, services.Ids.NewId(), loading);
        due = new PendingPublicationMarker(services, options, replica);
        debts = new DatasetDebts(services, options, replica);
        committer = new Committer(services, options, replica, due, debts);
        var frames = new FrameBuilder(services.Dialect, project);
        publisher = new StreamPublisher(services, options, replica, frames);
        desk = new SubscriptionCoordinator(services, options, replica, frames, publisher, debts);
        lease = new LeaseAcquirer(services, options, replica);
        snapshots = new SnapshotWriter(services, options, replica, loading.Budget, mailbox.Wake);
        forwarder = new InboxWriter(services, options, replica);
        inbox = new InboxReader(services, options, replica, forwarder);
        backOff = new BackOff(services, options);
        retryDelay = options.PublishRetry;
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
        // What waits for memory itself, or has it for a moment, would be waited for in vain.
        if (Loading.IsBusy || !mailbox.Close(onlyIfEmpty: true))
        {
            return false;
        }

        closing = true;
        mailbox.Wake();
        return true;
    }

    /// <summary>Takes nothing more, finishes what waits, and ends. A cancelled caller no longer waits for it.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        closing = true;
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
                await mailbox.WaitAsync(timeout, services.Time);
            }

            var (entries, bytes) = inbox.Size;
            var items = mailbox.Take(options.CommitEntriesMax - entries, options.CommitBytesMax - bytes);
            if (items.Count > 0)
            {
                lastWork = services.Time.GetTimestamp();
                retryAt = 0;
            }
            else if (IsDone() && mailbox.Close(onlyIfEmpty: true))
            {
                break;
            }

            await TurnAsync(items);
        }

        await snapshots.FinishAsync();
        await due.RemoveAsync(CancellationToken.None);
    }

    private bool IsDone()
    {
        var idle = services.Time.GetElapsedTime(lastWork) >= options.IdleTime;
        var nothingToDo =
            (!replica.IsLoaded && !recovering)
            || (replica is { IsLoaded: true, MustRefresh: false, HoldsLease: false, HasUnsent: false } && !IsWaited && desk.IsEmpty && !IsAskingForLease);
        return nothingToDo && (closing || idle || isMissing);
    }

    /// <summary>Whether somebody waits for an answer that only the log, or a publication, can give.</summary>
    private bool IsWaited => unanswered.Count > 0 || evicting.Count > 0 || forwarder.HasOutstanding;

    private bool IsAskingForLease =>
        string.Equals(replica.Head.LeaseWanted, replica.Engine, StringComparison.Ordinal);

    /// <summary>How long the loop may sleep; zero when it must go on at once.</summary>
    private TimeSpan NextTimeout()
    {
        if (!replica.IsLoaded)
        {
            var idle = closing || isMissing ? TimeSpan.Zero : options.IdleTime;
            return recovering ? Until(retryAt) : idle;
        }

        if (replica.MustRefresh)
        {
            return Until(retryAt);
        }

        var timeout = closing && IsDone() ? TimeSpan.Zero : options.IdleTime;
        if (replica.HoldsLease)
        {
            timeout = Max(Until(retryAt), inbox.HasFound || !inbox.IsLingering ? TimeSpan.Zero : inbox.UntilLook);
        }
        else if (IsWaited || replica.HasUnsent || IsAskingForLease)
        {
            timeout = Min(timeout, retryAt > 0 ? Until(retryAt) : lease.UntilNextLook);
        }

        if (desk.UntilDue() is { } due)
        {
            var obtainable = replica.HoldsLease || replica.Head.LeaseIsFree ? due : Max(due, lease.UntilNextLook);
            if (!replica.HoldsLease && retryAt > 0)
            {
                // After giving up nothing is tried before that, and a loop that does not sleep until then never yields.
                obtainable = Max(obtainable, Until(retryAt));
            }

            timeout = Min(timeout, obtainable);
        }

        return timeout;
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "The loop must answer everybody who waits, whatever broke, and then go on."
    )]
    private async Task TurnAsync(List<ProjectRequest> items)
    {
        using var activity = SyncTracing.StartTurn(replica.Project.Key, items);
        try
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
                await WorkAsync(items);
            }
        }
        catch (ProjectDeletedException)
        {
            FailAll(items, new ProjectOutcome.Denied());
            recovering = false;
        }
        catch (PoisonedLogException poison)
        {
            // What waits is delivered again, and served from here then.
            services.Observer.Quarantined(replica.Project, poison.Revision, poison);
            quarantine = new Quarantine(services, options, replica, poison);
            FailAll(items, new ProjectOutcome.Unavailable(Explain(poison)));
            recovering = false;
        }
        catch (Exception exception)
        {
            services.Observer.Failed(replica.Project, exception);
            if (replica.IsLoaded)
            {
                services.Observer.Dropped(replica.Project, exception);
            }

            backOff.Postpone();
            FailAll(items, new ProjectOutcome.Unavailable(Explain(exception)));
        }

        Loading.Memory.Set(LoadingCost.EngineBytes + replica.ApproximateBytes + (quarantine?.ApproximateBytes ?? 0));
    }

    private static string Explain(Exception exception) =>
        exception switch
        {
            StorageException => "The change could not be stored now.",
            GatewayException => "The change could not be published now.",
            LoadingRefusedException => "The server is at its limit of open projects.",
            InvalidDataException or PoisonedLogException or NewerFormatException => "The project cannot be read.",
            _ => "The server failed.",
        };

    private async Task<bool> LoadAsync(List<ProjectRequest> items)
    {
        if (items.Count == 0 && !recovering)
        {
            return false;
        }

        await backOff.WaitAsync();
        isMissing = !await replica.LoadAsync(CancellationToken.None);
        backOff.Forget();
        recovering = false;
        if (!isMissing)
        {
            retryAt = 0;
            return true;
        }

        foreach (var item in items)
        {
            Answer(item, new ProjectOutcome.Denied());
        }

        return false;
    }

    private void AnswerPublished()
    {
        unanswered.RemoveAll(waiting =>
        {
            var isPublished = waiting.Revision <= replica.Sent;

            // A request for publication also takes those out of the group who may see nothing more of it.
            var isDone = isPublished && !(waiting.Item is PublishItem && replica.MustEvict);
            if (isDone)
            {
                waiting.Item.Complete(new ProjectOutcome.Done(waiting.Revision) { Reset = PublishedReset() });
            }

            return isDone;
        });
    }

    private (long Revision, DateTimeOffset Time) PublishedReset() =>
        replica.State.ResetRevision <= replica.Sent ? (replica.State.ResetRevision, replica.ResetTime) : default;

    private void FailAll(List<ProjectRequest> items, ProjectOutcome outcome)
    {
        Fail(items, outcome);
        FailWaiting(outcome);

        // Something may be committed and not published, or the lease be ours: come back to it even if nobody asks.
        recovering |= replica.IsLoaded;
        replica.Unload();
        PostponeRetry();
    }

    /// <summary>Answers everything that came in before and waits to be published, let in or taken out.</summary>
    private void FailWaiting(ProjectOutcome outcome)
    {
        foreach (var (item, _) in unanswered)
        {
            item.Complete(outcome);
        }

        unanswered.Clear();
        foreach (var (item, _) in evicting)
        {
            item.Complete(outcome);
        }

        evicting.Clear();
        Fail(forwarder.Abandon(), outcome);
        inbox.Forget();
        desk.FailAll(outcome);
    }

    private static void Fail(IEnumerable<ProjectRequest> items, ProjectOutcome outcome)
    {
        foreach (var item in items)
        {
            Answer(item, outcome);
        }
    }

    private void PostponeRetry()
    {
        retryAt = services.Time.GetTimestamp() + (long)(retryDelay.TotalSeconds * services.Time.TimestampFrequency);
        retryDelay = Min(retryDelay * 2, PublishRetryMax);
    }

    private static void Answer(ProjectRequest item, ProjectOutcome outcome)
    {
        if (item is JoinItem join)
        {
            join.Answer(outcome);
        }
        else
        {
            item.Complete(outcome);
        }
    }

    private TimeSpan Until(long timestamp)
    {
        var now = services.Time.GetTimestamp();
        return timestamp <= now ? TimeSpan.Zero : services.Time.GetElapsedTime(now, timestamp);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
