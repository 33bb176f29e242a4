using System.Net;
using System.Text;
using Azure.Core.Pipeline;

namespace ServerlessSync.Tables.Tests.Azure;

/// <summary>A network below the SDK that answers as a test decides, and records requests.</summary>
internal sealed class ScriptedNetwork(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    : HttpMessageHandler
{
    private readonly List<byte[]> bodies = [];

    /// <summary>The body of each request that was sent.</summary>
    public IReadOnlyList<byte[]> Bodies => bodies;

    public static ScriptedNetwork Answering(HttpStatusCode status, string code) =>
        new((_, _) => Task.FromResult(Error(status, code)));

    public static ScriptedNetwork Failing(Exception exception) =>
        new((_, _) => Task.FromException<HttpResponseMessage>(exception));

    /// <summary>The response to a transaction whose action at an index failed.</summary>
    public static ScriptedNetwork AnsweringBatch(int status, string code, int index) =>
        new((_, _) => Task.FromResult(Batch($"HTTP/1.1 {status} Failed", ErrorBody(code, $"{index}:It failed."))));

    /// <summary>The response to a successful transaction, with one ETag.</summary>
    public static HttpResponseMessage Committed(string eTag) =>
        Batch($"HTTP/1.1 204 No Content\r\nDataServiceVersion: 3.0;\r\nETag: {eTag}", string.Empty);

    public static HttpResponseMessage Error(HttpStatusCode status, string code)
    {
        var response = new HttpResponseMessage(status)
        {
            Content = new StringContent(ErrorBody(code, "It failed."), Encoding.UTF8, "application/json"),
        };
        return response;
    }

    public HttpClientTransport ToTransport() => new((HttpMessageHandler)this);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        bodies.Add(request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken));
        return await answer(request, cancellationToken);
    }

    private static string ErrorBody(string code, string message) =>
        $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"{{{{message}}}}"}}}""";

    private static HttpResponseMessage Batch(string head, string body)
    {
        var text = string.Join(
            "\r\n",
            "--batchresponse_1",
            "Content-Type: multipart/mixed; boundary=changesetresponse_1",
            string.Empty,
            "--changesetresponse_1",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            string.Empty,
            head,
            "Content-Type: application/json",
            string.Empty,
            body,
            "--changesetresponse_1--",
            "--batchresponse_1--",
            string.Empty
        );
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/mixed; boundary=batchresponse_1");
        return new HttpResponseMessage(HttpStatusCode.Accepted) { Content = content };
    }
}
