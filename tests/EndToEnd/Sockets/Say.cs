namespace ServerlessSync.EndToEnd.Sockets;

/// <summary>The messages of the seed's page, exactly as it writes them. Projects, tasks and clients are JSON texts.</summary>
internal static class Say
{
    public const string Projects = """{"command":"projects","data":{}}""";

    public const string Logout = """{"command":"logout","data":{}}""";

    public const string Version = """{"command":"version","data":{}}""";

    public static string Login(string name) =>
        $$$"""{"command":"login","data":{"login":"{{{name}}}","password":""}}""";

    public static string Dataset(string project) => $$$"""{"command":"dataset","data":{"project":{{{project}}}}}""";

    public static string Reset(string project) => $$$"""{"command":"reset","data":{"project":{{{project}}}}}""";

    /// <summary>A change as the page sends it; without a client id, as the seed's code literally sends it.</summary>
    public static string Change(string project, string? client, params IEnumerable<string> revisions)
    {
        var named = client is null ? string.Empty : $"\"client\":{client},";
        return $$$"""{"command":"project_change","data":{"project":{{{project}}},{{{named}}}"revisions":[{{{string.Join(',', revisions)}}}]}}""";
    }

    /// <summary>A change of a page that states the dataset it works on (our extension).</summary>
    public static string ChangeOn(
        long datasetRevision,
        string project,
        string client,
        params IEnumerable<string> revisions
    ) =>
        $$$"""{"command":"project_change","data":{"project":{{{project}}},"client":{{{client}}},"datasetRevision":{{{datasetRevision}}},"revisions":[{{{string.Join(',', revisions)}}}]}}""";

    public static string Revision(string local, string? client, string changes)
    {
        var named = client is null ? string.Empty : $"\"clientId\":{client},";
        return $$$"""{"revision":"{{{local}}}",{{{named}}}"changes":{{{changes}}}}""";
    }

    /// <summary>The message that all clients receive for a revision.</summary>
    public static string Published(string project, long number, string local, string? client, string changes)
    {
        var named = client is null ? string.Empty : $"\"client\":{client},";
        return $$$"""{"command":"project_change","data":{"project":{{{project}}},"revisions":[{"revision":{{{number}}},"localRevision":"{{{local}}}",{{{named}}}"changes":{{{changes}}}}]}}""";
    }

    public static string Rename(string task, string name) =>
        $$$$"""{"tasks":{"updated":[{"name":"{{{{name}}}}","id":{{{{task}}}}}],"$input":{"updated":[{"id":{{{{task}}}},"name":"{{{{name}}}}"}]}}}""";
}
