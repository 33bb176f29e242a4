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
/// Answers a connection's events: handshake, login, commands, farewell. All that a client must see in order goes out by awaited
/// sends; a reply body is used only when nothing else is sent (docs/architecture.md#order-at-one-connection).
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

    /// <summary>Makes the handler.</summary>
    /// <exception cref="ArgumentException">A limit of <paramref name="options"/> cannot be used.</exception>
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

    private EventReply Accept(EventContext context)
    {
        var signIn = SignIn.Of(context);
        return signIn.Kind == SignInKind.Token || options.AllowAnonymous
            ? new EventReply.Accepted(signIn.User, Groups: [], signIn.ToState())
            : new EventReply.Refused("This server needs an access token.");
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

    private async Task<EventReply> LoginAsync(
        EventContext context,
        SignIn signIn,
        ClientSession? session,
        ClientCommand.Login login,
        CancellationToken cancellationToken
    )
    {
        var named = signIn.Kind == SignInKind.Token;
        if (!named && !options.AllowAnonymous)
        {
            return Error("login", "Wrong username/password");
        }

        // A token has said who it is already; whatever name the page typed then does not count.
        var name = named ? context.User! : login.UserName;
        if (!PresenceLimits.IsUserName(name))
        {
            return Error("login", PresenceLimits.UserNameRule);
        }

        if (session is not null && !string.Equals(session.User, name, StringComparison.Ordinal))
        {
            // Another person at the same page: what the one could see need not be for the other.
            if (await LeaveAsync(context, session, cancellationToken) is ProjectOutcome.Unavailable unavailable)
            {
                return new EventReply.Unavailable(unavailable.Reason);
            }

            await services.Gateway.RemoveFromGroupAsync(GroupName.OfUser(session.User), context.Connection, cancellationToken);
            session = null;
        }

        var joined =
            await services.Gateway.AddToGroupAsync(GroupName.Everyone, context.Connection, cancellationToken)
            && await services.Gateway.AddToGroupAsync(GroupName.OfUser(name), context.Connection, cancellationToken);
        if (!joined)
        {
            return new EventReply.Done();
        }

        await SendAsync(
            context,
            new ServerMessage.LoginAccepted(context.Connection.Value, name),
            cancellationToken
        );
        await presence.EnterAsync(context.Connection, name, cancellationToken);
        return new EventReply.Done(((session ?? ClientSession.Of(name)) with { SignIn = signIn.Kind }).ToState());
    }

    /// <summary>Ends the subscription that a session has; null when it has none.</summary>
    private async Task<ProjectOutcome?> LeaveAsync(
        EventContext context,
        ClientSession session,
        CancellationToken cancellationToken
    ) =>
        session.Project is { } project
            ? await sequencers.LeaveAsync(
                project,
                new Origin(session.User, context.Connection, context.EventId),
                context.Time,
                cancellationToken
            )
            : null;

    private async Task<EventReply> LogoutAsync(
        EventContext context,
        ClientSession? session,
        CancellationToken cancellationToken
    )
    {
        if (session is null)
        {
            // The vendor's login widget reads the data of every logout message, and throws where there is none.
            return Text(new ServerMessage.Error(Command: null, Refusals.NotLoggedIn));
        }

        // Out of the project before the answer, which is the last thing this client is to see. Should that not be possible
        // now, the end of the connection does the same a little later.
        await LeaveAsync(context, session, cancellationToken);
        await SendAsync(context, new ServerMessage.LoggedOut(), cancellationToken);

        // Out of the group before the others are told: the list of those who are left is not for this client.
        await services.Gateway.RemoveFromGroupAsync(GroupName.Everyone, context.Connection, cancellationToken);
        await presence.LeaveAsync(context.Connection, cancellationToken);
        await services.Gateway.CloseConnectionAsync(context.Connection, "logout", cancellationToken);
        return new EventReply.Done(string.Empty);
    }

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

        // Whatever it is subscribed to now keeps it busy (docs/protocol-facts.md#a-dataset-to-a-busy-page).
        var live = session.Project is not null;
        return await sequencers.JoinAsync(project, origin, context.Time, live, cancellationToken) switch
        {
            // A first load that was delivered once meets a page that shows nothing yet, so that nothing can be older.
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
            // A reset was published while this event was under way: what has queued up behind it may be older than that dataset.
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

        // All subscribers are sent the dataset and the notice. What its author did between asking and receiving is refused as with the
        // others, and so is what has queued up behind this event.
        var origin = new Origin(session.User, context.Connection, context.EventId);
        var outcome = await sequencers.ResetAsync(project, origin, context.Time);
        return outcome is ProjectOutcome.Done
            ? new EventReply.Done(AfterDataset(context, session, project, session.DatasetRevision).ToState())
            : Answer("reset", context, project, session, outcome);
    }

    /// <summary>A frame that is no command. A change that cannot be read is refused like one that cannot be applied: with a fresh dataset.</summary>
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
            ProjectOutcome.Denied => Text(new ServerMessage.Error(command, Refusals.NotAllowed, project)),
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

    /// <summary>A dataset went to the connection while its event waited: what has queued up behind that may be older.</summary>
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
