using System.Text;

namespace ServerlessSync.Core.Model;

/// <summary>A message to clients. <see cref="IDialect.Write"/> makes the frame.</summary>
public abstract record ServerMessage
{
    private ServerMessage() { }

    /// <summary>To the sender of a login: the login was accepted.</summary>
    /// <param name="Client">The unique id that the server gives the connection.</param>
    /// <param name="UserName">The name that others see.</param>
    public sealed record LoginAccepted(string Client, string UserName) : ServerMessage;

    /// <summary>To the other logged-in clients: a user logged in.</summary>
    public sealed record Joined(string UserName) : ServerMessage;

    /// <summary>To the other logged-in clients: a user logged out or disconnected.</summary>
    public sealed record Left(string UserName) : ServerMessage;

    /// <summary>To the sender of a logout: the user is logged out.</summary>
    public sealed record LoggedOut : ServerMessage;

    /// <summary>The users who are logged in: one entry per connection.</summary>
    public sealed record Users(IReadOnlyList<string> UserNames) : ServerMessage;

    /// <summary>The projects that the user may open.</summary>
    public sealed record Projects(IReadOnlyList<ProjectSummary> Items) : ServerMessage;

    /// <summary>The dataset of a project at a revision.</summary>
    /// <param name="Project">The project.</param>
    /// <param name="Revision">The revision of the dataset; an extension that other clients ignore.</param>
    /// <param name="Content">The dataset, a JSON object as UTF-8.</param>
    public sealed record Dataset(ProjectId Project, long Revision, ReadOnlyMemory<byte> Content) : ServerMessage;

    /// <summary>Accepted revisions, in order.</summary>
    public sealed record ProjectChange(ProjectId Project, IReadOnlyList<PublishedRevision> Revisions) : ServerMessage;

    /// <summary>To all subscribers, after the dataset: a user reset the project.</summary>
    public sealed record ResetDone(ProjectId Project, string UserName) : ServerMessage;

    /// <summary>To the sender of the request: it may autosave a version now.</summary>
    public sealed record VersionAutosaveGranted(ProjectId Project) : ServerMessage;

    /// <summary>To the sender of the request: the content of a saved version.</summary>
    /// <param name="Project">The project.</param>
    /// <param name="VersionId">The id of the version's record.</param>
    /// <param name="Content">The content as it was saved: any JSON value.</param>
    public sealed record VersionContent(ProjectId Project, JsonId VersionId, ReadOnlyMemory<byte> Content) : ServerMessage;

    /// <summary>The version of the server.</summary>
    public sealed record Version(string Value) : ServerMessage;

    /// <summary>A refusal. The connection stays open.</summary>
    /// <param name="Command">The command that is refused; null for the general <c>error</c> message.</param>
    /// <param name="Text">What is wrong.</param>
    /// <param name="Project">The project concerned, sent in <c>data</c>; null for none.</param>
    public sealed record Error(string? Command, string Text, ProjectId? Project = null) : ServerMessage;
}

/// <summary>An entry of the list of projects.</summary>
public sealed record ProjectSummary(ProjectId Project, string Name);

/// <summary>One revision as it is sent to subscribers.</summary>
/// <param name="Number">The revision number.</param>
/// <param name="LocalRevision">The author's id of the revision, as JSON text.</param>
/// <param name="Client">
/// The author's client id, as JSON text; null omits it (in the author's own copy, when the author stated none).
/// </param>
/// <param name="ConflictResolutionFor">As the author sent it, as JSON text; null omits it.</param>
/// <param name="Changes">The change set, a JSON object as UTF-8.</param>
public sealed record PublishedRevision(
    long Number,
    string LocalRevision,
    string? Client,
    string? ConflictResolutionFor,
    ReadOnlyMemory<byte> Changes
)
{
    /// <summary>
    /// Bytes of every revision: 77 of names and punctuation, with all optional fields and the comma to the next
    /// revision, and 20 for the number.
    /// </summary>
    public const int FixedBytesMax = 77 + 20;

    /// <summary>
    /// Upper bound of its bytes in a <c>project_change</c>, computed without writing it; too high by less than 60. Add
    /// <see cref="MessageLimits.ChangeEnvelopeBytesMax"/> once per message.
    /// </summary>
    public int BytesMax => FixedBytesMax + Count(LocalRevision) + Count(Client) + Count(ConflictResolutionFor) + Changes.Length;

    private static int Count(string? json) => json is null ? 0 : Encoding.UTF8.GetByteCount(json);
}
