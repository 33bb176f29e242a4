using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Wire;

// What a browser gets, one record per shape (docs/protocol-facts.md#commands). Names are written in
// camel case and in the order of declaration, nulls never.

/// <summary>The envelope of every message that is no error: <c>data</c> must be an object, or the browser throws.</summary>
internal sealed record ServerFrame<TData>(string Command, TData Data);

/// <summary>A refusal: the browser knows it by the presence of <c>error</c>.</summary>
internal sealed record ErrorFrame(string Command, ProjectData? Data, string Error, string? Message);

/// <summary><c>data</c> of the answer to <c>login</c>.</summary>
internal sealed record LoginData(string Client, string UserName);

/// <summary><c>data</c> of <c>join</c>, and of <c>logout</c> when somebody else left.</summary>
internal sealed record UserNameData(string UserName);

/// <summary><c>data</c> of the answer to <c>logout</c>: the absence of <c>userName</c> tells the browser that it is meant.</summary>
internal sealed record EmptyData;

/// <summary><c>data</c> of <c>users</c>.</summary>
internal sealed record UsersData(IReadOnlyList<string> Users);

/// <summary><c>data</c> of <c>projects</c>.</summary>
internal sealed record ProjectsData(IReadOnlyList<ProjectLine> Projects);

/// <summary>One of <c>data.projects</c>.</summary>
internal sealed record ProjectLine(JsonId Id, string Name);

/// <summary><c>data</c> of an error that concerns a project, and of <c>versionAutoSaveOK</c>.</summary>
internal sealed record ProjectData(JsonId Project);

/// <summary><c>data</c> of <c>dataset</c>; <c>revision</c> is our extension.</summary>
internal sealed record DatasetData(JsonId Project, long Revision, RawJson Dataset);

/// <summary><c>data</c> of <c>project_change</c>.</summary>
internal sealed record ProjectChangeData(JsonId Project, IReadOnlyList<RevisionData> Revisions);

/// <summary>One of <c>data.revisions</c>.</summary>
internal sealed record RevisionData(
    long Revision,
    RawToken LocalRevision,
    RawToken? Client,
    RawToken? ConflictResolutionFor,
    RawJson Changes
);

/// <summary><c>data</c> of <c>reset</c>.</summary>
internal sealed record ResetData(JsonId Project, string UserName);

/// <summary><c>data</c> of <c>load_version_content</c>.</summary>
internal sealed record VersionContentData(JsonId Project, JsonId VersionId, RawJson Content);

/// <summary><c>data</c> of <c>version</c>.</summary>
internal sealed record VersionData(string Version);
