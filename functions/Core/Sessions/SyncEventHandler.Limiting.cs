using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <content>Rate limits of messages (decision 0019).</content>
public sealed partial class SyncEventHandler
{
    private async Task<EventReply> HandleAsync(ClientEvent.Message message, CancellationToken cancellationToken)
    {
        var context = message.Context;
        var session = ClientSession.TryRead(context.State);
        if (SignIn.Read(context, session) is not { } signIn)
        {
            return new EventReply.Refused("The event's user is not the connection's.");
        }

        var command = services.Dialect.Read(message.Frame);

        // A logout is never limited.
        if (command is ClientCommand.Logout && session is not null)
        {
            return await DispatchAsync(context, signIn, session, command, cancellationToken);
        }

        // A page stops when a change is refused, so a change is delayed instead. Later events of the connection wait
        // meanwhile, because the service delivers them one by one.
        var isChange = IsChange(command);
        var turn = limiter.Take(
            context.State,
            session?.User ?? context.User,
            CostOf(command, message.Frame.Length),
            isChange ? limiter.DelayMax : TimeSpan.Zero
        );
        if (turn.Wait > TimeSpan.Zero)
        {
            var action = !isChange ? LimitAction.Refused
                : turn.Wait <= limiter.DelayMax ? LimitAction.Delayed
                : LimitAction.Closed;

            // Delay refusals too. Otherwise, a client that retries at once would cause answers at network speed.
            await limiter.DelayAsync(turn, action, cancellationToken);
            switch (action)
            {
                case LimitAction.Refused:
                    return replies.Text(new ServerMessage.Error(NameOf(command), turn.Reason, ProjectOf(command)));
                case LimitAction.Closed:
                    return await CloseAsync(context, command, turn, cancellationToken);
            }
        }

        return limiter.Remember(turn, await DispatchAsync(context, signIn, session, command, cancellationToken), context.State);
    }

    /// <summary>
    /// Sends the reason, because browsers do not see the reason of a close by a publisher, and closes the connection.
    /// </summary>
    private async Task<EventReply> CloseAsync(
        EventContext context,
        ClientCommand command,
        MessageTurn turn,
        CancellationToken cancellationToken
    )
    {
        await SendAsync(context, new ServerMessage.Error("project_change", turn.Reason, ProjectOf(command)), cancellationToken);
        await services.Gateway.CloseConnectionAsync(context.Connection, turn.Reason, cancellationToken);
        return new EventReply.Done();
    }

    private static bool IsChange(ClientCommand command) =>
        command is ClientCommand.ProjectChange or ClientCommand.Invalid { Command: "project_change" };

    private static MessageCost CostOf(ClientCommand command, int bytes) =>
        new(
            bytes,
            IsLoad: command is ClientCommand.Login or ClientCommand.Projects or ClientCommand.Dataset or ClientCommand.LoadVersionContent,
            IsReset: command is ClientCommand.Reset
        );

    private static string? NameOf(ClientCommand command) =>
        command switch
        {
            ClientCommand.Login => "login",
            ClientCommand.Projects => "projects",
            ClientCommand.Dataset => "dataset",
            ClientCommand.Reset => "reset",
            ClientCommand.RequestVersionAutosave => AutosaveCommand,
            ClientCommand.LoadVersionContent => LoadVersionCommand,
            ClientCommand.Version => "version",
            ClientCommand.Invalid invalid => invalid.Command,

            // The vendor's login widget treats every answer to a logout as its confirmation.
            _ => null,
        };

    private static ProjectId? ProjectOf(ClientCommand command) =>
        command switch
        {
            ClientCommand.Dataset dataset => dataset.Project,
            ClientCommand.ProjectChange change => change.Project,
            ClientCommand.Reset reset => reset.Project,
            ClientCommand.RequestVersionAutosave request => request.Project,
            ClientCommand.LoadVersionContent load => load.Project,
            ClientCommand.Invalid invalid => invalid.Project,
            _ => null,
        };
}
