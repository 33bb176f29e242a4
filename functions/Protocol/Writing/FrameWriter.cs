using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ServerlessSync.Core.Model;
using ServerlessSync.Protocol.Wire;

namespace ServerlessSync.Protocol.Writing;

/// <summary>Messages of the engine to text frames.</summary>
internal static class FrameWriter
{
    // Enough for every message without raw content but long lists; the buffer grows by itself.
    private const int SmallFrameBytes = 1024;

    // A frame is text for JSON.parse and never part of a page, so only what JSON itself asks for is escaped: names in
    // other scripts stay short and readable.
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // The wire types are correct by construction, and raw parts were checked when they were read.
        SkipValidation = true,
    };

    /// <summary>Writes a message.</summary>
    public static byte[] Write(ServerMessage message) =>
        message switch
        {
            ServerMessage.LoginAccepted login => Write(
                CommandNames.Login,
                new LoginData(login.Client, login.UserName),
                WireJson.Default.LoginFrame
            ),
            ServerMessage.Joined joined => WriteUserName(CommandNames.Join, joined.UserName),
            ServerMessage.Left left => WriteUserName(CommandNames.Logout, left.UserName),
            ServerMessage.LoggedOut => Write(CommandNames.Logout, new EmptyData(), WireJson.Default.EmptyFrame),
            ServerMessage.Users users => Write(
                CommandNames.Users,
                new UsersData(users.UserNames),
                WireJson.Default.UsersFrame
            ),
            ServerMessage.Projects projects => Write(
                CommandNames.Projects,
                new ProjectsData([.. projects.Items.Select(item => new ProjectLine(item.Project.Id, item.Name))]),
                WireJson.Default.ProjectsFrame
            ),
            ServerMessage.Dataset dataset => WriteDataset(dataset),
            ServerMessage.ProjectChange change => WriteProjectChange(change),
            ServerMessage.ResetDone reset => Write(
                CommandNames.Reset,
                new ResetData(reset.Project.Id, reset.UserName),
                WireJson.Default.ResetFrame
            ),
            ServerMessage.VersionAutosaveGranted granted => Write(
                CommandNames.VersionAutosaveOk,
                new ProjectData(granted.Project.Id),
                WireJson.Default.ProjectFrame
            ),
            ServerMessage.VersionContent content => Write(
                CommandNames.LoadVersionContent,
                new VersionContentData(content.Project.Id, content.VersionId, new RawJson(content.Content)),
                WireJson.Default.VersionContentFrame,
                content.Content.Length
            ),
            ServerMessage.Version version => Write(
                CommandNames.Version,
                new VersionData(version.Value),
                WireJson.Default.VersionFrame
            ),
            ServerMessage.Error error => WriteError(error),
            _ => throw new ArgumentOutOfRangeException(nameof(message), message.GetType(), "No such message."),
        };

    private static byte[] WriteUserName(string command, string userName) =>
        Write(command, new UserNameData(userName), WireJson.Default.UserNameFrame);

    private static byte[] WriteDataset(ServerMessage.Dataset dataset) =>
        Write(
            CommandNames.Dataset,
            new DatasetData(dataset.Project.Id, dataset.Revision, new RawJson(dataset.Content)),
            WireJson.Default.DatasetFrame,
            dataset.Content.Length
        );

    private static byte[] WriteProjectChange(ServerMessage.ProjectChange change)
    {
        var revisions = new RevisionData[change.Revisions.Count];
        var bytes = 0;
        for (var index = 0; index < revisions.Length; index++)
        {
            var revision = change.Revisions[index];
            bytes = checked(bytes + revision.BytesMax);
            revisions[index] = new RevisionData(
                revision.Number,
                new RawToken(revision.LocalRevision),
                ToToken(revision.Client),
                ToToken(revision.ConflictResolutionFor),
                new RawJson(revision.Changes)
            );
        }

        return Write(
            CommandNames.ProjectChange,
            new ProjectChangeData(change.Project.Id, revisions),
            WireJson.Default.ProjectChangeFrame,
            bytes
        );
    }

    private static byte[] WriteError(ServerMessage.Error error)
    {
        var project = error.Project is { } id ? new ProjectData(id.Id) : null;
        // The seed's project handler shows error or message, its WebSocketHelper only error, the reference server's
        // clients only message: the general error carries both (docs/protocol-facts.md#refusals).
        var frame = error.Command is { } command
            ? new ErrorFrame(command, project, error.Text, Message: null)
            : new ErrorFrame(CommandNames.Error, project, error.Text, error.Text);
        return Serialize(frame, WireJson.Default.ErrorFrame, SmallFrameBytes);
    }

    private static RawToken? ToToken(string? json) => json is null ? null : new RawToken(json);

    private static byte[] Write<TData>(
        string command,
        TData data,
        JsonTypeInfo<ServerFrame<TData>> type,
        int rawBytes = 0
    ) => Serialize(new ServerFrame<TData>(command, data), type, checked(rawBytes + SmallFrameBytes));

    private static byte[] Serialize<TFrame>(TFrame frame, JsonTypeInfo<TFrame> type, int capacity)
    {
        using var buffer = new PooledBuffer(capacity);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            JsonSerializer.Serialize(writer, frame, type);
        }

        return buffer.Written.ToArray();
    }
}
