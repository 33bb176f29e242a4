using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;

namespace ServerlessSync.Core.Sessions;

/// <content>Handshake, login and logout.</content>
public sealed partial class SyncEventHandler
{
    private EventReply Accept(EventContext context)
    {
        var signIn = SignIn.Of(context);
        return signIn.Kind == SignInKind.Token || options.AllowAnonymous
            ? new EventReply.Accepted(signIn.User, Groups: [], signIn.ToState())
            : new EventReply.Refused("This server needs an access token.");
    }

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
            return replies.Error("login", "Wrong username/password");
        }

        // A token names the user already; the name in the login is ignored.
        var name = named ? context.User! : login.UserName;
        if (!PresenceLimits.IsUserName(name))
        {
            return replies.Error("login", PresenceLimits.UserNameRule);
        }

        if (session is not null && !string.Equals(session.User, name, StringComparison.Ordinal))
        {
            // Another user on the same page must not keep the subscription of the previous one.
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
            // Not a logout message: the vendor's login widget reads its data, and throws when there is none.
            return replies.Text(new ServerMessage.Error(Command: null, Refusals.NotLoggedIn));
        }

        // Leave the project before the answer, which is the client's last message. If that fails now, the close of the
        // connection does the same a little later.
        await LeaveAsync(context, session, cancellationToken);
        await SendAsync(context, new ServerMessage.LoggedOut(), cancellationToken);

        // Leave the group before the announcement: the list that follows is not for this client.
        await services.Gateway.RemoveFromGroupAsync(GroupName.Everyone, context.Connection, cancellationToken);
        await presence.LeaveAsync(context.Connection, cancellationToken);
        await services.Gateway.CloseConnectionAsync(context.Connection, "logout", cancellationToken);
        return new EventReply.Done(string.Empty);
    }
}
