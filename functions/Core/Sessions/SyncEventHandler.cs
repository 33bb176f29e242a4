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
    private readonly SessionReplies replies;

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
        ArgumentNullException.ThrowIfNull(sequencers);
        this.services = services;
        this.options = options;
        this.sequencers = sequencers;
        this.catalog = catalog;
        this.presence = presence;
        permits = new AutosavePermits(services.Store, services.Time, options.VersionAutosaveInterval);
        limiter = new MessageLimiter(options.Limits, services.Time, limits);
        replies = new SessionReplies(services, sequencers.Options.Window);
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
            ClientCommand.Version => replies.Text(new ServerMessage.Version(options.Version)),
            ClientCommand.Invalid invalid => await RefuseAsync(context, session, invalid, cancellationToken),
            _ => throw new InvalidOperationException("An unknown command."),
        };

    private async Task<EventReply> ListProjectsAsync(ClientSession? session, CancellationToken cancellationToken) =>
        session is null
            ? replies.Error("projects", Refusals.NotLoggedIn)
            : replies.Text(new ServerMessage.Projects(await catalog.ListAsync(session.User, cancellationToken)));

    private async Task<EventReply> LoadAsync(
        EventContext context,
        ClientSession? session,
        ClientCommand.Dataset command,
        CancellationToken cancellationToken
    )
    {
        if (command.Project is not { } project)
        {
            return replies.Error("dataset", Refusals.NoProject);
        }

        if (session is null)
        {
            return replies.Error("dataset", Refusals.NotLoggedIn);
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
            ProjectOutcome.Done done => new EventReply.Done(replies.AfterDataset(context, session, project, done.Revision).ToState()),
            ProjectOutcome.TooLarge tooLarge => replies.Error(
                "dataset",
                SessionReplies.TooLarge(tooLarge),
                session.WithoutProject()
            ),
            ProjectOutcome.Denied => replies.Error("dataset", Refusals.NotAllowed, session.WithoutProject()),
            var other => replies.Of("dataset", context, project, session, other),
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
            return replies.Error("project_change", Refusals.NotLoggedIn);
        }

        if (command.Project is not { } project)
        {
            return replies.Error("project_change", Refusals.NoProject);
        }

        if (session.Project != project)
        {
            return replies.Text(new ServerMessage.Error("project_change", Refusals.NotSubscribed, project));
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
                new EventReply.Done(replies.AfterDataset(context, session, project, done.Reset.Revision).ToState()),
            ProjectOutcome.Done when session.Pause is not null => new EventReply.Done((session with { Pause = null }).ToState()),
            ProjectOutcome.Owed owed => replies.Text(
                new ServerMessage.Error("project_change", Refusals.BeforeDataset, project),
                session with { Pause = new EditPause(owed.Begun, session.Pause?.Ends ?? owed.Begun, context.EventId) }
            ),
            _ => replies.Of("project_change", context, project, session, outcome),
        };
    }

    private async Task<EventReply> ResetAsync(EventContext context, ClientSession? session, ClientCommand.Reset command)
    {
        if (session is null)
        {
            return replies.Error("reset", Refusals.NotLoggedIn);
        }

        if (command.Project is not { } project)
        {
            return replies.Error("reset", Refusals.NoProject);
        }

        if (session.Project != project)
        {
            return replies.Text(new ServerMessage.Error("reset", Refusals.NotSubscribed, project));
        }

        // All subscribers receive the dataset and the notice. Changes that its author makes before receiving them are
        // refused like those of other clients; so are changes queued behind this event.
        var origin = new Origin(session.User, context.Connection, context.EventId);
        var outcome = await sequencers.ResetAsync(project, origin, context.Time);
        return outcome is ProjectOutcome.Done
            ? new EventReply.Done(replies.AfterDataset(context, session, project, session.DatasetRevision).ToState())
            : replies.Of("reset", context, project, session, outcome);
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
            return replies.Text(new ServerMessage.Error(invalid.Command, invalid.Error, invalid.Project));
        }

        var project = session!.Project!.Value;
        var origin = new Origin(session.User, context.Connection, context.EventId);
        var outcome = await sequencers.ResyncAsync(project, origin, context.Time, invalid.Error, cancellationToken);
        return replies.Of("project_change", context, project, session, outcome);
    }

    private Task SendAsync(EventContext context, ServerMessage message, CancellationToken cancellationToken) =>
        services.Gateway.SendToGroupAsync(
            GroupName.Everyone,
            services.Dialect.Write(message),
            new Audience.Only(context.Connection),
            cancellationToken
        );
}
