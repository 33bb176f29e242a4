using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Sessions;

/// <summary>
/// Handles a connection's events: handshake, login, commands, disconnect. Messages whose order matters are sent and
/// awaited; a reply carries a frame only when nothing else is sent (docs/architecture.md#order-at-one-connection).
/// </summary>
public sealed partial class SyncEventHandler : IEventHandler
{
    private readonly EngineDependencies services;
    private readonly SyncOptions options;
    private readonly SequencerRegistry sequencers;
    private readonly ProjectCatalog catalog;
    private readonly IPresence presence;
    private readonly AutosavePermits permits;
    private readonly MessageLimiter limiter;

    /// <summary>Creates the handler.</summary>
    /// <exception cref="ArgumentException">A limit of <paramref name="options"/> is invalid.</exception>
    public SyncEventHandler(
        EngineDependencies services,
        SyncOptions options,
        SequencerRegistry sequencers,
        ProjectCatalog catalog,
        IPresence presence,
        ILimitObserver? limits = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        this.services = services;
        this.options = options;
        this.sequencers = sequencers;
        this.catalog = catalog;
        this.presence = presence;
        permits = new AutosavePermits(services.Store, services.Time, options.VersionAutosaveInterval);
        limiter = new MessageLimiter(options.Limits, services.Time, limits);
    }

    /// <inheritdoc/>
    public async Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clientEvent);
        try
        {
            switch (clientEvent)
            {
                case ClientEvent.Connect:
                    return Accept(clientEvent.Context);
                case ClientEvent.Message message:
                    return await HandleAsync(message, cancellationToken);
                case ClientEvent.Disconnected:
                    await presence.LeaveAsync(clientEvent.Context.Connection, cancellationToken);
                    return new EventReply.Done();
                default:
                    return new EventReply.Done();
            }
        }
        catch (StorageException exception)
        {
            return new EventReply.Unavailable(exception.Message);
        }
        catch (GatewayException exception)
        {
            return new EventReply.Unavailable(exception.Message);
        }
    }

    private async Task<EventReply> DispatchAsync(
        EventContext context,
        SignIn signIn,
        ClientSession? session,
        ClientCommand command,
        CancellationToken cancellationToken
    ) =>
        command switch
        {
            ClientCommand.Login login => await LoginAsync(context, signIn, session, login, cancellationToken),
            ClientCommand.Logout => await LogoutAsync(context, session, cancellationToken),
            ClientCommand.Projects => await ListProjectsAsync(session, cancellationToken),
            ClientCommand.Dataset dataset => await LoadAsync(context, session, dataset, cancellationToken),
            ClientCommand.ProjectChange change => await ChangeAsync(context, session, change, cancellationToken),
            ClientCommand.Reset reset => await ResetAsync(context, session, reset),
            ClientCommand.RequestVersionAutosave request => await PermitAutosaveAsync(
                context,
                session,
                request,
                cancellationToken
            ),
            ClientCommand.LoadVersionContent load => await LoadVersionAsync(context, session, load, cancellationToken),
            ClientCommand.Version => Text(new ServerMessage.Version(options.Version)),
            ClientCommand.Invalid invalid => await RefuseAsync(context, session, invalid, cancellationToken),
            _ => throw new InvalidOperationException("An unknown command."),
        };

    private async Task<EventReply> ListProjectsAsync(ClientSession? session, CancellationToken cancellationToken) =>
        session is null
            ? Error("projects", Refusals.NotLoggedIn)
            : Text(new ServerMessage.Projects(await catalog.ListAsync(session.User, cancellationToken)));

    private async Task<EventReply> LoadAsync(
        EventContext context,
        ClientSession? session,
        ClientCommand.Dataset command,
        CancellationToken cancellationToken
    )
    {
        if (command.Project is not { } project)
        {
            return Error("dataset", Refusals.NoProject);
        }

        if (session is null)
        {
            return Error("dataset", Refusals.NotLoggedIn);
        }

        var origin = new Origin(session.User, context.Connection, context.EventId);
        if (session.Project is { } before && before != project)
        {
            var left = await sequencers.LeaveAsync(before, origin, context.Time, cancellationToken);
            if (left is ProjectOutcome.Unavailable unavailable)
            {
                return new EventReply.Unavailable(unavailable.Reason);
            }
        }

        // A client with a subscription receives changes while it loads
        // (docs/protocol-facts.md#a-dataset-to-a-busy-page).
        var live = session.Project is not null;
        return await sequencers.JoinAsync(project, origin, context.Time, live, cancellationToken) switch
        {
            // Before its first dataset, a page has nothing to edit, so no change can be older than the dataset.
            ProjectOutcome.Done { MayHaveReceivedDataset: false } done when !live => new EventReply.Done(
                (session with { Project = project, DatasetRevision = done.Revision, Pause = null }).ToState()
            ),
            ProjectOutcome.Done done => new EventReply.Done(AfterDataset(context, session, project, done.Revision).ToState()),
            ProjectOutcome.TooLarge tooLarge => Error(
                "dataset",
                $"The dataset takes {tooLarge.Bytes} bytes; one message holds at most {GatewayLimits.MessageBytesMax}.",
                session.WithoutProject()
            ),
            ProjectOutcome.Denied => Error("dataset", Refusals.NotAllowed, session.WithoutProject()),
            var other => Answer("dataset", context, project, session, other),
        };
    }

    private async Task<EventReply> ChangeAsync(
        EventContext context,
        ClientSession? session,
        ClientCommand.ProjectChange command,
        CancellationToken cancellationToken
    )
    {
        if (session is null)
        {
            return Error("project_change", Refusals.NotLoggedIn);
        }

        if (command.Project is not { } project)
        {
            return Error("project_change", Refusals.NoProject);
        }

        if (session.Project != project)
        {
            return Text(new ServerMessage.Error("project_change", Refusals.NotSubscribed, project));
        }

        var made = sequencers.Options.Window.MadeAt(services.Time.GetUtcNow(), context.Time);
        var outcome = await sequencers.SubmitAsync(
            project,
            new Origin(session.User, context.Connection, context.EventId),
            context.Time,
            command,
            new ClientDatasetState(command.DatasetRevision, session.DatasetRevision, made, session.Pause),
            cancellationToken
        );
        return outcome switch
        {
            // A reset was published while this event was in flight: changes queued behind it may be older than the
            // reset's dataset.
            ProjectOutcome.Done done when done.Reset.Revision > session.DatasetRevision && context.Time <= done.Reset.Time =>
                new EventReply.Done(AfterDataset(context, session, project, done.Reset.Revision).ToState()),
            ProjectOutcome.Done when session.Pause is not null => new EventReply.Done((session with { Pause = null }).ToState()),
            ProjectOutcome.Owed owed => Text(
                new ServerMessage.Error("project_change", Refusals.BeforeDataset, project),
                session with { Pause = new EditPause(owed.Begun, session.Pause?.Ends ?? owed.Begun, context.EventId) }
            ),
            _ => Answer("project_change", context, project, session, outcome),
        };
    }

    private async Task<EventReply> ResetAsync(EventContext context, ClientSession? session, ClientCommand.Reset command)
    {
        if (session is null)
        {
            return Error("reset", Refusals.NotLoggedIn);
        }

        if (command.Project is not { } project)
        {
            return Error("reset", Refusals.NoProject);
        }

        if (session.Project != project)
        {
            return Text(new ServerMessage.Error("reset", Refusals.NotSubscribed, project));
        }

        // All subscribers receive the dataset and the notice. Changes that its author makes before receiving them are
        // refused like those of other clients; so are changes queued behind this event.
        var origin = new Origin(session.User, context.Connection, context.EventId);
        var outcome = await sequencers.ResetAsync(project, origin, context.Time);
        return outcome is ProjectOutcome.Done
            ? new EventReply.Done(AfterDataset(context, session, project, session.DatasetRevision).ToState())
            : Answer("reset", context, project, session, outcome);
    }

    /// <summary>
    /// Refuses an invalid frame. An unreadable change is refused like one that cannot be applied: with a fresh dataset.
    /// </summary>
    private async Task<EventReply> RefuseAsync(
        EventContext context,
        ClientSession? session,
        ClientCommand.Invalid invalid,
        CancellationToken cancellationToken
    )
    {
        var lost =
            string.Equals(invalid.Command, "project_change", StringComparison.Ordinal)
            && session?.Project is { } subscribed
            && invalid.Project == subscribed;
        if (!lost)
        {
            return Text(new ServerMessage.Error(invalid.Command, invalid.Error, invalid.Project));
        }

        var project = session!.Project!.Value;
        var origin = new Origin(session.User, context.Connection, context.EventId);
        var outcome = await sequencers.ResyncAsync(project, origin, context.Time, invalid.Error, cancellationToken);
        return Answer("project_change", context, project, session, outcome);
    }

    private EventReply Answer(
        string command,
        EventContext context,
        ProjectId project,
        ClientSession session,
        ProjectOutcome outcome
    ) =>
        outcome switch
        {
            ProjectOutcome.Done => new EventReply.Done(),
            ProjectOutcome.Resynced resynced => new EventReply.Done(AfterDataset(context, session, project, resynced.DatasetRevision).ToState()),
            // Should its user be let in again, what the page shows by then may have been replaced: it has to load first.
            ProjectOutcome.Denied => Text(new ServerMessage.Error(command, Refusals.NotAllowed, project), session.WithoutProject()),
            ProjectOutcome.Refused refused => Text(new ServerMessage.Error(command, refused.Reason, project)),
            ProjectOutcome.Gone or ProjectOutcome.Closed => new EventReply.Done(),
            ProjectOutcome.ReadOnly readOnly => Text(new ServerMessage.Error(command, readOnly.Reason, project)),
            ProjectOutcome.TooLarge tooLarge => Text(
                new ServerMessage.Error(
                    command,
                    $"The dataset takes {tooLarge.Bytes} bytes; one message holds at most {GatewayLimits.MessageBytesMax}.",
                    project
                )
            ),
            ProjectOutcome.Unavailable unavailable => new EventReply.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("An unknown outcome."),
        };

    /// <summary>
    /// The session after a dataset was sent during its event: changes queued behind the event may be older than the
    /// dataset.
    /// </summary>
    private ClientSession AfterDataset(EventContext context, ClientSession session, ProjectId project, long datasetRevision)
    {
        var now = services.Time.GetUtcNow();
        var window = sequencers.Options.Window;
        var pause = session.Project == project ? session.Pause : null;
        return session with
        {
            Project = project,
            DatasetRevision = datasetRevision,
            Pause = window.AfterDataset(pause, window.MadeAt(now, context.Time), now),
        };
    }

    private EventReply Error(string command, string text, ClientSession? session = null) =>
        Text(new ServerMessage.Error(command, text), session);

    private EventReply Text(ServerMessage message, ClientSession? session = null) =>
        new EventReply.Text(services.Dialect.Write(message), session?.ToState());

    private Task SendAsync(EventContext context, ServerMessage message, CancellationToken cancellationToken) =>
        services.Gateway.SendToGroupAsync(
            GroupName.Everyone,
            services.Dialect.Write(message),
            new Audience.Only(context.Connection),
            cancellationToken
        );
}
