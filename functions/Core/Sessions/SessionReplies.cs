using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <summary>The replies to a connection's events, and the session state that each leaves.</summary>
internal sealed class SessionReplies(EngineDependencies services, EditWindow window)
{
    /// <summary>The reply to a command whose outcome the engine decided.</summary>
    public EventReply Of(string command, EventContext context, ProjectId project, ClientSession session, ProjectOutcome outcome) =>
        outcome switch
        {
            ProjectOutcome.Done => new EventReply.Done(),
            ProjectOutcome.Resynced resynced => new EventReply.Done(AfterDataset(context, session, project, resynced.DatasetRevision).ToState()),
            // Should its user be let in again, what the page shows by then may have been replaced: it has to load first.
            ProjectOutcome.Denied => Text(new ServerMessage.Error(command, Refusals.NotAllowed, project), session.WithoutProject()),
            ProjectOutcome.Refused refused => Text(new ServerMessage.Error(command, refused.Reason, project)),
            ProjectOutcome.Gone or ProjectOutcome.Closed => new EventReply.Done(),
            ProjectOutcome.ReadOnly readOnly => Text(new ServerMessage.Error(command, readOnly.Reason, project)),
            ProjectOutcome.TooLarge tooLarge => Text(new ServerMessage.Error(command, TooLarge(tooLarge), project)),
            ProjectOutcome.Unavailable unavailable => new EventReply.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("An unknown outcome."),
        };

    /// <summary>
    /// The session after a dataset was sent during its event: changes queued behind the event may be older than the
    /// dataset.
    /// </summary>
    public ClientSession AfterDataset(EventContext context, ClientSession session, ProjectId project, long datasetRevision)
    {
        var now = services.Time.GetUtcNow();
        var pause = session.Project == project ? session.Pause : null;
        return session with
        {
            Project = project,
            DatasetRevision = datasetRevision,
            Pause = window.AfterDataset(pause, window.MadeAt(now, context.Time), now),
        };
    }

    public EventReply Error(string command, string text, ClientSession? session = null) =>
        Text(new ServerMessage.Error(command, text), session);

    public EventReply Text(ServerMessage message, ClientSession? session = null) =>
        new EventReply.Text(services.Dialect.Write(message), session?.ToState());

    public static string TooLarge(ProjectOutcome.TooLarge outcome) =>
        $"The dataset takes {outcome.Bytes} bytes; one message holds at most {GatewayLimits.MessageBytesMax}.";
}
