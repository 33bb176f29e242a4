using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <content>Nobody sends without end (decision 0018).</content>
public sealed partial class SyncEventHandler
{
    private async Task<EventReply> HandleAsync(ClientEvent.Message message, CancellationToken cancellationToken)
    {
        var context = message.Context;
        var session = ClientSession.TryRead(context.State);
        if (SignIn.Read(context, session) is not { } signIn)
        {
            return new EventReply.Refused("The event is of another user than the connection.");
        }

        var command = services.Dialect.Read(message.Frame);

        // Whoever ends the session needs no leave.
        if (command is ClientCommand.Logout && session is not null)
        {
            return await DispatchAsync(context, signIn, session, command, cancellationToken);
        }

        // A page whose change is not answered has stopped, so that a change is held back rather than refused. The events behind it wait
        // meanwhile: the service delivers those of a connection one by one.
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

            // Also before a refusal, so that asking again at once does not make answers as fast as the network.
            await limiter.HoldBackAsync(turn, action, cancellationToken);
            switch (action)
            {
                case LimitAction.Refused:
                    return Text(new ServerMessage.Error(NameOf(command), turn.Reason, ProjectOf(command)));
                case LimitAction.Closed:
                    return await CloseAsync(context, command, turn, cancellationToken);
            }
        }

        return limiter.Remember(turn, await DispatchAsync(context, signIn, session, command, cancellationToken), context.State);
    }

    /// <summary>Says why, since a browser does not see the reason of a close that a publisher ordered, and closes.</summary>
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

            // The vendor's login widget takes every answer to a logout for a farewell.
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
