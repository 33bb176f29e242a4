namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Refusals as documented in <c>docs/protocol.md</c>.</summary>
internal static class Documented
{
    /// <summary>A refusal of a frame without a recognisable command: the text is sent twice.</summary>
    public static string General(string text) => $$"""{"command":"error","error":"{{text}}","message":"{{text}}"}""";

    /// <summary>A refusal of a command.</summary>
    public static string Of(string command, string text) => $$"""{"command":"{{command}}","error":"{{text}}"}""";

    /// <summary>A refusal of a command that named a project.</summary>
    public static string Of(string command, string project, string text) =>
        $$$"""{"command":"{{{command}}}","data":{"project":{{{project}}}},"error":"{{{text}}}"}""";

    public static string NotSubscribed(string project) =>
        Of("project_change", project, "Subscription to project is required. Load project first");
}
