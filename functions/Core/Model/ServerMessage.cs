using System.Text;

namespace ServerlessSync.Core.Model;

/// <summary>What a client is told. <see cref="IDialect.Write"/> makes the frame.</summary>
public abstract record ServerMessage
{
    private ServerMessage() { }

    /// <summary>To the sender of a login: it is in.</summary>
    /// <param name="Client">The id that the server gives this connection; unique.</param>
    /// <param name="UserName">The name under which others see it.</param>
    public sealed record LoginAccepted(string Client, string UserName) : ServerMessage;

    /// <summary>To the other logged-in clients: somebody came.</summary>
    public sealed record Joined(string UserName) : ServerMessage;

    /// <summary>To the other logged-in clients: somebody left.</summary>
    public sealed record Left(string UserName) : ServerMessage;

    /// <summary>To the sender of a logout.</summary>
    public sealed record LoggedOut : ServerMessage;

    /// <summary>Who is here: one entry per logged-in connection.</summary>
    public sealed record Users(IReadOnlyList<string> UserNames) : ServerMessage;

    /// <summary>The projects that the user may open.</summary>
    public sealed record Projects(IReadOnlyList<ProjectSummary> Items) : ServerMessage;

    /// <summary>The dataset of a project at a revision.</summary>
    /// <param name="Project">The project.</param>
    /// <param name="Revision">The revision that the dataset stands at; an extension that other clients ignore.</param>
    /// <param name="Content">The dataset as UTF-8 JSON object.</param>
    public sealed record Dataset(ProjectId Project, long Revision, ReadOnlyMemory<byte> Content) : ServerMessage;

    /// <summary>Accepted revisions in order.</summary>
    public sealed record ProjectChange(ProjectId Project, IReadOnlyList<PublishedRevision> Revisions) : ServerMessage;

    /// <summary>To all subscribers, after the dataset: somebody reset the project.</summary>
    public sealed record ResetDone(ProjectId Project, string UserName) : ServerMessage;

    /// <summary>To the sender of the request: it is the one that saves a version now.</summary>
    public sealed record VersionAutosaveGranted(ProjectId Project) : ServerMessage;

    /// <summary>To the sender of the request: the content of a saved version.</summary>
    /// <param name="Project">The project.</param>
    /// <param name="VersionId">The id of the version's record.</param>
    /// <param name="Content">The content as it was saved, any JSON value.</param>
    public sealed record VersionContent(ProjectId Project, JsonId VersionId, ReadOnlyMemory<byte> Content) : ServerMessage;

    /// <summary>The version of the server.</summary>
    public sealed record Version(string Value) : ServerMessage;

    /// <summary>A refusal. The connection stays open.</summary>
    /// <param name="Command">The command it answers; null for the general <c>error</c> message.</param>
    /// <param name="Text">What is wrong.</param>
    /// <param name="Project">The project concerned; sent under <c>data</c> when given.</param>
    public sealed record Error(string? Command, string Text, ProjectId? Project = null) : ServerMessage;
}

/// <summary>A line of the list of projects.</summary>
public sealed record ProjectSummary(ProjectId Project, string Name);

/// <summary>One revision as it goes to subscribers.</summary>
/// <param name="Number">The revision number.</param>
/// <param name="LocalRevision">The author's id of it, as JSON text.</param>
/// <param name="Client">The client id to show, as JSON text; null leaves it out (the author's own copy when it states no id).</param>
/// <param name="ConflictResolutionFor">As it came, as JSON text; null leaves it out.</param>
/// <param name="Changes">The change set as UTF-8 JSON object.</param>
public sealed record PublishedRevision(
    long Number,
    string LocalRevision,
    string? Client,
    string? ConflictResolutionFor,
    ReadOnlyMemory<byte> Changes
)
{
    /// <summary>
    /// Bytes that any revision takes: 77 of names and punctuation with all optional fields and the comma to the next
    /// revision, and 20 for the number.
    /// </summary>
    public const int FixedBytesMax = 77 + 20;

    /// <summary>
    /// Bytes that it takes at most in a <c>project_change</c>, known without writing it; too high by less than 60.
    /// Add <see cref="MessageLimits.ChangeEnvelopeBytesMax"/> once per message.
    /// </summary>
    public int BytesMax => FixedBytesMax + Count(LocalRevision) + Count(Client) + Count(ConflictResolutionFor) + Changes.Length;

    private static int Count(string? json) => json is null ? 0 : Encoding.UTF8.GetByteCount(json);
}
