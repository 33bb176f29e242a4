namespace ServerlessSync.Core.Model;

/// <summary>What a client asked for, in the engine's terms. Made from a frame by <see cref="IDialect.Read"/>.</summary>
public abstract record ClientCommand
{
    private ClientCommand() { }

    /// <summary>Says who is there. An empty password is what the seed's page always sends.</summary>
    public sealed record Login(string UserName, string Password) : ClientCommand;

    /// <summary>Ends the session; the connection is closed afterwards.</summary>
    public sealed record Logout : ClientCommand;

    /// <summary>Asks which projects the user may open.</summary>
    public sealed record Projects : ClientCommand;

    /// <summary>Asks for a project's dataset and subscribes to what follows it.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    public sealed record Dataset(ProjectId? Project) : ClientCommand;

    /// <summary>Submits revisions, in the author's order.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    /// <param name="Revisions">One or more revisions.</param>
    /// <param name="Session">Our client's page session, under which local revisions count up; null for other clients.</param>
    /// <param name="DatasetRevision">The revision of the dataset that the client works on, when it says so.</param>
    public sealed record ProjectChange(
        ProjectId? Project,
        IReadOnlyList<SubmittedRevision> Revisions,
        string? Session,
        long? DatasetRevision
    ) : ClientCommand;

    /// <summary>Asks to put a project back to its base dataset.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    public sealed record Reset(ProjectId? Project) : ClientCommand;

    /// <summary>Asks whether this client is the one that saves a version of the project by itself now.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    public sealed record RequestVersionAutosave(ProjectId? Project) : ClientCommand;

    /// <summary>Asks for the content of a saved version, which no dataset or change holds.</summary>
    /// <param name="Project">The project; null when the message names none.</param>
    /// <param name="VersionId">The id of the record in store <c>versions</c>; null when the message names none.</param>
    public sealed record LoadVersionContent(ProjectId? Project, JsonId? VersionId) : ClientCommand;

    /// <summary>Asks for the version of the server; needs no login.</summary>
    public sealed record Version : ClientCommand;

    /// <summary>A frame that is no command: broken JSON, an unknown command, wrong types, over a limit.</summary>
    /// <param name="Command">The wire name of the command to name in the answer; null for the general <c>error</c>.</param>
    /// <param name="Error">What is wrong, naming the field and the limit.</param>
    /// <param name="Project">The project that the frame names, when it could be read.</param>
    public sealed record Invalid(string? Command, string Error, ProjectId? Project = null) : ClientCommand;
}

/// <summary>One revision as its author sent it. Raw JSON texts are kept as they came, since clients compare them with <c>===</c>.</summary>
/// <param name="LocalRevision">The author's own id of it, as JSON text (usually <c>"local-5"</c>).</param>
/// <param name="Client">The client id that the message states, as JSON text; null when it states none.</param>
/// <param name="ConflictResolutionFor">The server revision that it resolves a conflict with, as JSON text; null when absent.</param>
/// <param name="Changes">The change set, as the UTF-8 text of a JSON object.</param>
public sealed record SubmittedRevision(
    string LocalRevision,
    string? Client,
    string? ConflictResolutionFor,
    ReadOnlyMemory<byte> Changes
);
