using System.Text.Json;

namespace ServerlessSync.Soak.Clients;

/// <summary>
/// The messages of a page that states its session and its dataset (docs/protocol.md). Projects and tasks are JSON texts.
/// </summary>
internal static class Say
{
    public static string Login(string name) =>
        $$$"""{"command":"login","data":{"login":{{{Json(name)}}},"password":""}}""";

    public static string Dataset(string project) => $$$"""{"command":"dataset","data":{"project":{{{project}}}}}""";

    public static string Change(string project, string session, long datasetRevision, IEnumerable<Edit> edits)
    {
        var revisions = edits.Select(edit => Revision(session, edit));
        return $$$"""{"command":"project_change","data":{"project":{{{project}}},"client":{{{Json(session)}}},"session":{{{Json(session)}}},"datasetRevision":{{{datasetRevision}}},"revisions":[{{{string.Join(',', revisions)}}}]}}""";
    }

    private static string Revision(string session, Edit edit) =>
        $$$$"""{"revision":"local-{{{{edit.Number}}}}","clientId":{{{{Json(session)}}}},"changes":{"tasks":{"updated":[{"name":{{{{Json(edit.Name)}}}},"id":{{{{edit.Task}}}}}]}}}""";

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}

/// <summary>One edit: gives a task a name that no other edit uses.</summary>
/// <param name="Number">The number of the edit in its session, from 1.</param>
/// <param name="Task">The task's id as JSON text.</param>
/// <param name="Name">Its new name.</param>
/// <param name="Since">The timestamp at which it was made.</param>
internal sealed record Edit(int Number, string Task, string Name, long Since);
