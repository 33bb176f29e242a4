using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Memory;

namespace ServerlessSync.Core.Engine;

/// <summary>The parts of one engine, and how they are put together. Only the project's loop uses them.</summary>
internal sealed class EngineParts
{
    public EngineParts(EngineDependencies services, SequencerOptions options, ProjectReplica replica, Mailbox mailbox, MemoryBudget budget)
    {
        var engine = services.Ids.NewId();
        SendRetry = new Backoff(options.SendRetry, services.Time, services.Ids);
        StoreRetry = new Backoff(options.StoreRetry, services.Time, services.Ids);
        Head = new HeadWriter(services, options, replica, engine);
        Marker = new PendingPublicationMarker(services, options, replica, Head);
        Lease = new LeaseAcquirer(services, options, replica, Head);
        Snapshots = new SnapshotWriter(services, options, replica, Head, budget, mailbox.Wake);
        var forwarded = new InboxWriter(services, options, replica, engine);
        Inbox = new InboxReader(services, options, replica, Head, forwarded);

        var frames = new FrameBuilder(services.Dialect, replica.Project);
        var publisher = new StreamPublisher(services, replica, Head, frames);
        var debts = new DatasetDebts(services, options, replica);
        Coordinator = new SubscriptionCoordinator(services, options, replica, Head, frames, publisher, debts);

        var answers = new PendingAnswers(replica, Head, services.Time);
        var refusals = new WindowRefusals(services, options, replica, Head, Marker, debts, Coordinator);
        var committer = new Committer(services, options, replica, Head, Marker, debts);
        var submissions = new SubmissionHandler(
            services, options, replica, Head, Lease, committer, forwarded, Inbox, mailbox, Coordinator, refusals, answers
        );
        LeaseWork = new LeaseWork(
            services, options, replica, Head, Lease, publisher, Coordinator, submissions, forwarded, Inbox, mailbox, answers, SendRetry
        );
        Turn = new ProjectTurn(
            services,
            options,
            replica,
            mailbox,
            Coordinator,
            submissions,
            new AccessChanges(replica, Head, answers),
            new VersionLookUp(replica),
            LeaseWork,
            forwarded,
            Inbox,
            debts,
            Marker,
            Snapshots,
            answers,
            SendRetry,
            StoreRetry
        );
    }

    public HeadWriter Head { get; }

    public PendingPublicationMarker Marker { get; }

    public LeaseAcquirer Lease { get; }

    public LeaseWork LeaseWork { get; }

    public SnapshotWriter Snapshots { get; }

    public InboxReader Inbox { get; }

    public SubscriptionCoordinator Coordinator { get; }

    public ProjectTurn Turn { get; }

    /// <summary>When publishing, or a step that failed, is tried again unasked.</summary>
    public Backoff SendRetry { get; }

    /// <summary>When a store that failed is asked again.</summary>
    public Backoff StoreRetry { get; }
}
