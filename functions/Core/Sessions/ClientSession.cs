using System.Buffers;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <summary>
/// The session data that the service carries for a connection from event to event: the user and the loaded project.
/// Never rights: those are read for every message.
/// </summary>
/// <param name="User">The name under which it is logged in.</param>
/// <param name="Project">The project to which it is subscribed; null for none.</param>
/// <param name="DatasetRevision">The revision of the last dataset that it loaded or was resynchronised with.</param>
/// <param name="Pause">The period in which its changes are refused; null for none.</param>
public sealed record ClientSession(
    string User,
    ProjectId? Project,
    long DatasetRevision,
    EditPause? Pause
)
{
    /// <summary>How the connection signed in.</summary>
    public SignInKind SignIn { get; init; }

    /// <summary>A session without a project.</summary>
    public static ClientSession Of(string user) => new(user, Project: null, DatasetRevision: 0, Pause: null);

    /// <summary>The same user without a project.</summary>
    public ClientSession WithoutProject() => Of(User) with { SignIn = SignIn };

    /// <summary>The session as connection state, an opaque text for the service (below 1 KiB).</summary>
    public string ToState()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("u", User);
            if (SignIn != SignInKind.Unknown)
            {
                writer.WriteNumber(Sessions.SignIn.KindProperty, (int)SignIn);
            }

            if (Project is { } project)
            {
                writer.WritePropertyName("p");
                project.Id.WriteTo(writer);
                writer.WriteNumber("d", DatasetRevision);
            }

            if (Pause is { } pause)
            {
                // The property name of the beginning is kept for the last release, which reads it as the time of a
                // resync.
                writer.WriteNumber("h", pause.Begun.ToUnixTimeMilliseconds());
                writer.WriteNumber("w", pause.Ends.ToUnixTimeMilliseconds());
                writer.WriteNumber("o", pause.Owed);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a connection state; null when it is empty or not of this product.</summary>
    public static ClientSession? TryRead(string? state)
    {
        if (string.IsNullOrEmpty(state))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(state);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("u", out var user))
            {
                return null;
            }

            ProjectId? project =
                root.TryGetProperty("p", out var id) && JsonId.TryRead(id, out var read) ? new ProjectId(read) : null;
            return new ClientSession(
                user.GetString()!,
                project,
                root.TryGetProperty("d", out var dataset) ? dataset.GetInt64() : 0,
                ReadPause(root)
            )
            {
                SignIn = root.TryGetProperty(Sessions.SignIn.KindProperty, out var kind) ? (SignInKind)kind.GetInt32() : SignInKind.Unknown,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // The state of another version or hub; the client logs in again.
            return null;
        }
    }

    private static EditPause? ReadPause(JsonElement root) =>
        root.TryGetProperty("h", out var begun)
            ? new EditPause(
                DateTimeOffset.FromUnixTimeMilliseconds(begun.GetInt64()),
                DateTimeOffset.FromUnixTimeMilliseconds((root.TryGetProperty("w", out var ends) ? ends : begun).GetInt64()),
                root.TryGetProperty("o", out var owed) ? owed.GetInt64() : 0
            )
            : null;
}
