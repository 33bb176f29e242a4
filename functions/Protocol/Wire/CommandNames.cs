namespace ServerlessSync.Protocol.Wire;

/// <summary>The values of <c>command</c> (docs/protocol-facts.md#commands).</summary>
internal static class CommandNames
{
    public const string Login = "login";
    public const string Join = "join";
    public const string Users = "users";
    public const string Logout = "logout";
    public const string Projects = "projects";
    public const string Dataset = "dataset";
    public const string ProjectChange = "project_change";
    public const string Reset = "reset";
    public const string Version = "version";
    public const string RequestVersionAutosave = "request_version_autosave";
    public const string LoadVersionContent = "load_version_content";

    /// <summary>The one name that the vendor's clients spell differently.</summary>
    public const string VersionAutosaveOk = "versionAutoSaveOK";

    public const string Error = "error";
}
