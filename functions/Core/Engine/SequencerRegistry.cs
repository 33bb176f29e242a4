using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <summary>The engines of a process: started on first use, dropped when idle or when memory is needed.</summary>
public sealed class SequencerRegistry
{
    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly AdmissionCheck door;
    private readonly EngineCache engines;

    /// <summary>Makes an empty registry with a memory budget of its own.</summary>
    public SequencerRegistry(EngineDependencies services, SequencerOptions options)
        : this(services, options, CreateLoadingGate(services, options)) { }

    /// <summary>Makes an empty registry that shares memory and turns with others of its process.</summary>
    public SequencerRegistry(EngineDependencies services, SequencerOptions options, LoadingGate loading)
    {
        ArgumentNullException.ThrowIfNull(loading);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.services = services;
        this.options = options;
        Loading = loading;
        door = new AdmissionCheck(services);
        engines = new EngineCache(loading, Start);
    }

    /// <summary>The numbers that the engines work with.</summary>
    public SequencerOptions Options => options;

    /// <summary>Through which everything goes that loads a project into this process.</summary>
    public LoadingGate Loading { get; }

    /// <summary>
    /// Who may do what in a project, as it is stored now; null when there is no such project, or was none within the last second. One point
    /// read at most.
    /// </summary>
    public Task<AccessList?> FindAccessAsync(ProjectId project, CancellationToken cancellationToken) =>
        door.FindAsync(project, cancellationToken);

    /// <summary>Tells that a project was made, which may have been asked for in vain a moment ago.</summary>
    public void NoteCreated(ProjectId project) => door.Forget(project);

    /// <summary>Submits revisions. Answered when they are published, or when they were refused and the sender has a fresh dataset.</summary>
    /// <param name="project">The project.</param>
    /// <param name="origin">Who submits.</param>
    /// <param name="eventTime">When the service took the event in.</param>
    /// <param name="command">The revisions.</param>
    /// <param name="knowledge">What the author's dataset is.</param>
    /// <param name="aborted">Tells when the service gives this delivery of the event up, and delivers it again.</param>
    public Task<ProjectOutcome> SubmitAsync(
        ProjectId project,
        Origin origin,
        DateTimeOffset eventTime,
        ClientCommand.ProjectChange command,
        ClientDatasetState knowledge,
        CancellationToken aborted = default
    )
    {
        ArgumentNullException.ThrowIfNull(command);
        return PostAsync(
            project,
            new ChangeItem(
                origin,
                eventTime,
                services.Time.GetTimestamp(),
                command.Revisions,
                knowledge,
                command.Session
            )
            {
                Aborted = aborted,
            }
        );
    }

    /// <summary>Puts the project back to its base dataset.</summary>
    /// <param name="project">The project.</param>
    /// <param name="origin">Who asks: a subscriber.</param>
    /// <param name="eventTime">When the service took the event in.</param>
    public Task<ProjectOutcome> ResetAsync(ProjectId project, Origin origin, DateTimeOffset eventTime) =>
        PostAsync(project, new ResetItem(origin, eventTime, services.Time.GetTimestamp()));

    /// <summary>
    /// Puts the project back to what it was at an earlier revision. Done when subscribers were sent that dataset; gone when its rows are not
    /// there, denied to users who are no owner.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="origin">The owner, on a connection that no other request has.</param>
    /// <param name="restored">The revision, and where its dataset is stored.</param>
    /// <param name="bytes">Bytes of that dataset.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    internal Task<ProjectOutcome> RestoreAsync(
        ProjectId project,
        Origin origin,
        RestoredDataset restored,
        int bytes,
        CancellationToken cancellationToken
    ) =>
        PostAsync(project, new RestoreItem(origin, services.Time.GetUtcNow(), services.Time.GetTimestamp(), restored, bytes))
            .WaitAsync(cancellationToken);

    /// <summary>Sends a connection the dataset and everything that follows it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="origin">The connection.</param>
    /// <param name="eventTime">When the service took the event in.</param>
    /// <param name="live">Whether it is subscribed already, so that silence is needed around the dataset.</param>
    /// <param name="aborted">Tells when the service gives this delivery of the event up, and delivers it again.</param>
    public Task<ProjectOutcome> JoinAsync(
        ProjectId project,
        Origin origin,
        DateTimeOffset eventTime,
        bool live,
        CancellationToken aborted = default
    ) =>
        PostAsync(
            project,
            new JoinItem(origin, eventTime, services.Time.GetTimestamp(), live)
            {
                MayBeRedelivered = MayBeRedelivered(eventTime),
                Aborted = aborted,
            }
        );

    /// <summary>Tells a subscriber why its change was not taken, and sends it the dataset to go on from.</summary>
    public async Task<ProjectOutcome> ResyncAsync(
        ProjectId project,
        Origin origin,
        DateTimeOffset eventTime,
        string error,
        CancellationToken aborted = default
    )
    {
        var join = new JoinItem(origin, eventTime, services.Time.GetTimestamp(), live: true)
        {
            Error = error,
            MayBeRedelivered = MayBeRedelivered(eventTime),
            Aborted = aborted,
        };
        return await PostAsync(project, join) is var outcome && outcome is ProjectOutcome.Done done
            ? new ProjectOutcome.Resynced(done.Revision)
            : outcome;
    }

    /// <summary>Where the content of a version is stored, for who may see the project.</summary>
    public Task<ProjectOutcome> FindVersionAsync(
        ProjectId project,
        Origin origin,
        DateTimeOffset eventTime,
        JsonId version,
        CancellationToken aborted = default
    ) =>
        PostAsync(
            project,
            new LookUpItem(origin, eventTime, services.Time.GetTimestamp(), version) { Aborted = aborted }
        );

    /// <summary>Ends a subscription.</summary>
    public Task<ProjectOutcome> LeaveAsync(
        ProjectId project,
        Origin origin,
        DateTimeOffset eventTime,
        CancellationToken aborted = default
    ) => PostAsync(project, new LeaveItem(origin, eventTime, services.Time.GetTimestamp()) { Aborted = aborted });

    /// <summary>Publishes what is accepted, taking over from an engine that stands still. Done when it is published, by any engine.</summary>
    public Task<ProjectOutcome> PublishAsync(ProjectId project, CancellationToken cancellationToken) =>
        PostAsync(project, new PublishItem(services.Time.GetUtcNow(), services.Time.GetTimestamp())).WaitAsync(cancellationToken);

    /// <summary>
    /// Changes one grant of a project's access list. Done when it is stored and users who lost the right to see the project get nothing more
    /// of it; refused when the list would exceed <see cref="AccessList.UsersMax"/>.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="user">The user; null for all who are logged in.</param>
    /// <param name="role">What they may do from now on.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    public Task<ProjectOutcome> GrantAsync(ProjectId project, string? user, Role role, CancellationToken cancellationToken) =>
        PostAsync(project, new AccessItem(user, role, services.Time.GetUtcNow(), services.Time.GetTimestamp()))
            .WaitAsync(cancellationToken);

    private bool MayBeRedelivered(DateTimeOffset eventTime) =>
        services.Time.GetUtcNow() - eventTime > options.RedeliveryAfter;

    /// <summary>Takes nothing more, finishes what is under way, and ends all engines; breaks off when it is cancelled.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(engines.Close().Select(engine => engine.DrainAsync(cancellationToken)));

    private async Task<ProjectOutcome> PostAsync(ProjectId project, ProjectRequest item)
    {
        if (!await door.MayPassAsync(project, item, engines.Contains(project)))
        {
            return new ProjectOutcome.Denied();
        }

        while (true)
        {
            if (await engines.FindAsync(project) is not { } engine)
            {
                return new ProjectOutcome.Unavailable("The server is at its limit of open projects.");
            }

            switch (engine.Post(item))
            {
                case PostResult.Posted:
                    return await item.Completion;
                case PostResult.Full:
                    return new ProjectOutcome.Unavailable(
                        $"More than {options.MailboxMax} events or {options.MailboxBytesMax} bytes wait for project {project}."
                    );
                case PostResult.Closed:
                    engines.Remove(project, engine);
                    break;
                default:
                    throw new InvalidOperationException("An unknown result of posting.");
            }
        }
    }

    private ProjectSequencer Start(ProjectId project, LoadingScope loading) => new(services, options, project, loading);

    private static LoadingGate CreateLoadingGate(EngineDependencies services, SequencerOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        return options.CreateLoadingGate(services.Time);
    }
}
