using System.Text;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>The messages that a load test sends, in the clients' dialect. Ids are JSON texts.</summary>
internal static class Requests
{
    public static byte[] Login(string name) => Bytes($$$"""{"command":"login","data":{"login":"{{{name}}}","password":""}}""");

    public static byte[] Dataset(string project) => Bytes($$$"""{"command":"dataset","data":{"project":{{{project}}}}}""");

    public static byte[] AddRow(string project, string client, int number)
    {
        var row = $$$"""{"$PhantomId":"_generatedTask_{{{client}}}","name":"Load","duration":1}""";
        return Revision(project, client, number, $$$"""{"added":[{{{row}}}],"$input":{"added":[{{{row}}}]}}""");
    }

    /// <summary>About 125 bytes of fields, as in benchmarks of comparable systems, twice: as result and as input.</summary>
    public static byte[] Change(string project, string client, int number, string row)
    {
        var fields = $$$"""
            {"name":"Foundations and ground works","percentDone":{{{number % 101}}},"startDate":"2026-03-02T08:00:00","note":"change {{{number}}}","id":{{{row}}}}
            """;
        return Revision(project, client, number, $$$"""{"updated":[{{{fields}}}],"$input":{"updated":[{{{fields}}}]}}""");
    }

    public static byte[] RemoveRow(string project, string client, int number, string row) =>
        Revision(project, client, number, $$$"""{"removed":[{"id":{{{row}}}}],"$input":{"removed":[{"id":{{{row}}}}]}}""");

    private static byte[] Revision(string project, string client, int number, string tasks) =>
        Bytes(
            $$$"""{"command":"project_change","data":{"project":{{{project}}},"client":"{{{client}}}","revisions":[{"revision":"local-{{{number}}}","clientId":"{{{client}}}","changes":{"tasks":{{{tasks}}}}}]}}"""
        );

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
