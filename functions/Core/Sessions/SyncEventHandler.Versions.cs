using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <content>Saved versions of a project (docs/protocol-facts.md#saved-versions).</content>
public sealed partial class SyncEventHandler
{
    private const string AutosaveCommand = "request_version_autosave";
    private const string LoadVersionCommand = "load_version_content";

    /// <summary>
    /// One client per interval gets the permit. The others, and clients without the right to save, get no answer.
    /// </summary>
    private async Task<EventReply> PermitAutosaveAsync(
        EventContext context,
        ClientSession? session,
        ClientCommand.RequestVersionAutosave command,
        CancellationToken cancellationToken
    )
    {
        if (session is null)
        {
            return replies.Error(AutosaveCommand, Refusals.NotLoggedIn);
        }

        if (command.Project is not { } project)
        {
            return replies.Error(AutosaveCommand, Refusals.NoProject);
        }

        if (session.Project != project)
        {
            return replies.Text(new ServerMessage.Error(AutosaveCommand, Refusals.NotSubscribed, project));
        }

        var access = await new ProjectLog(services.Store, project).ReadAccessAsync(cancellationToken);
        var origin = new Origin(session.User, context.Connection, context.EventId);
        return access.List.RoleOf(session.User) >= Role.Editor && await permits.TryTakeAsync(project, origin, cancellationToken)
            ? replies.Text(new ServerMessage.VersionAutosaveGranted(project))
            : new EventReply.Done();
    }

    private async Task<EventReply> LoadVersionAsync(
        EventContext context,
        ClientSession? session,
        ClientCommand.LoadVersionContent command,
        CancellationToken cancellationToken
    )
    {
        if (session is null)
        {
            return replies.Error(LoadVersionCommand, Refusals.NotLoggedIn);
        }

        if (command.Project is not { } project)
        {
            return replies.Error(LoadVersionCommand, Refusals.NoProject);
        }

        if (command.VersionId is not { } version)
        {
            return replies.Text(new ServerMessage.Error(LoadVersionCommand, Refusals.NoVersion, project));
        }

        var origin = new Origin(session.User, context.Connection, context.EventId);
        switch (await sequencers.FindVersionAsync(project, origin, context.Time, version, cancellationToken))
        {
            case ProjectOutcome.Found { ContentKey: { } key }:
                return await ReadContentAsync(project, version, key, cancellationToken);
            case ProjectOutcome.Found:
                return replies.Text(new ServerMessage.Error(LoadVersionCommand, Refusals.EmptyVersion, project));
            case ProjectOutcome.NotFound:
                return replies.Text(new ServerMessage.Error(LoadVersionCommand, Refusals.UnknownVersion, project));
            case var other:
                return replies.Of(LoadVersionCommand, context, project, session, other);
        }
    }

    private async Task<EventReply> ReadContentAsync(ProjectId project, JsonId version, string key, CancellationToken cancellationToken)
    {
        using var loading = sequencers.Loading.Open(LoadingKind.Live);
        try
        {
            var log = new ProjectLog(services.Store, project);
            var content = await loading.LoadAsync(
                () => log.ReadPayloadAsync(key, loading.Memory, cancellationToken),
                cancellationToken
            );

            // The content is gone when the version was restored after its removal had left the history.
            return content is not null
                ? Fitting(new ServerMessage.VersionContent(project, version, content))
                : replies.Text(new ServerMessage.Error(LoadVersionCommand, Refusals.EmptyVersion, project));
        }
        catch (LoadingRefusedException exception)
        {
            return new EventReply.Unavailable(exception.Message);
        }
    }

    // An imported dataset can contain larger content than a client can send.
    private EventReply Fitting(ServerMessage.VersionContent message)
    {
        var frame = services.Dialect.Write(message);
        return frame.Length <= GatewayLimits.MessageBytesMax
            ? new EventReply.Text(frame)
            : replies.Text(
                new ServerMessage.Error(
                    LoadVersionCommand,
                    $"The content takes {frame.Length} bytes; one message holds at most {GatewayLimits.MessageBytesMax}.",
                    message.Project
                )
            );
    }
}
