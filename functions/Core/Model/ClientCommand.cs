namespace ServerlessSync.Core.Model;

/// <summary>A client's request, read from a frame by <see cref="IDialect.Read"/>.</summary>
public abstract record ClientCommand
{
    private ClientCommand() { }

    /// <summary>States the user's name. The original demo page always sends an empty password.</summary>
    public sealed record Login(string UserName, string Password) : ClientCommand;

    /// <summary>Ends the session; the connection is closed afterwards.</summary>
    public sealed record Logout : ClientCommand;

    /// <summary>Asks which projects the user may open.</summary>
    public sealed record Projects : ClientCommand;

    /// <summary>Asks for a project's dataset and subscribes to the changes after it.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    public sealed record Dataset(ProjectId? Project) : ClientCommand;

    /// <summary>Submits revisions, in the author's order.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    /// <param name="Revisions">One or more revisions.</param>
    /// <param name="Session">
    /// The page session of this product's own client, within which local revisions count up; null for other clients.
    /// </param>
    /// <param name="DatasetRevision">
    /// The revision of the dataset that the client works on; null when it states none.
    /// </param>
    public sealed record ProjectChange(
        ProjectId? Project,
        IReadOnlyList<SubmittedRevision> Revisions,
        string? Session,
        long? DatasetRevision
    ) : ClientCommand;

    /// <summary>Asks to return a project to its base dataset.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    public sealed record Reset(ProjectId? Project) : ClientCommand;

    /// <summary>Asks for permission to autosave a version of the project now. One client at a time gets it.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    public sealed record RequestVersionAutosave(ProjectId? Project) : ClientCommand;

    /// <summary>Asks for the content of a saved version. Datasets and changes do not contain it.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    /// <param name="VersionId">The id of the record in store <c>versions</c>; null when the message names none.</param>
    public sealed record LoadVersionContent(ProjectId? Project, JsonId? VersionId) : ClientCommand;

    /// <summary>Asks for the server's version; needs no login.</summary>
    public sealed record Version : ClientCommand;

    /// <summary>
    /// A frame that is not a valid command: broken JSON, an unknown command, wrong types, or a limit exceeded.
    /// </summary>
    /// <param name="Command">The command's name on the wire, for the answer; null for the general <c>error</c>.</param>
    /// <param name="Error">What is wrong; names the field and the limit.</param>
    /// <param name="Project">The project that the frame names; null when it could not be read.</param>
    public sealed record Invalid(string? Command, string Error, ProjectId? Project = null) : ClientCommand;
}

/// <summary>
/// One revision as its author sent it. JSON texts are kept verbatim, because clients compare the values with
/// <c>===</c>.
/// </summary>
/// <param name="LocalRevision">The author's id of the revision, as JSON text (usually <c>"local-5"</c>).</param>
/// <param name="Client">The client id that the message states, as JSON text; null when it states none.</param>
/// <param name="ConflictResolutionFor">
/// The server revision whose conflict this one resolves, as JSON text; null when absent.
/// </param>
/// <param name="Changes">The change set, as the UTF-8 text of a JSON object.</param>
public sealed record SubmittedRevision(
    string LocalRevision,
    string? Client,
    string? ConflictResolutionFor,
    ReadOnlyMemory<byte> Changes
);
