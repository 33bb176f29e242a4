using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Api.Http;

/// <summary>
/// <c>GET /api/health</c>: whether this instance reaches its storage, without which it cannot work. Answers 200 or 503 with
/// <c>{"status","version","commit","storage"}</c>. Anonymous, so it reveals nothing else.
/// </summary>
public sealed class HealthEndpoint(ApiCors cors, ITableStore store, string version, string commit)
{
    /// <summary>Handles a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return cors.ServeAsync(context, AnswerAsync);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var result = HttpMethods.IsGet(context.Request.Method)
            ? await CheckAsync(context.RequestAborted)
            : ProblemResults.MethodNotAllowed(context, HttpMethods.Get);
        await result.ExecuteAsync(context);
    }

    private async Task<IResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.GetAsync(TableName.Projects, "health", "health", cancellationToken);
            return Answer("ok", "ok", StatusCodes.Status200OK);
        }
        catch (StorageException)
        {
            return Answer("unavailable", "unavailable", StatusCodes.Status503ServiceUnavailable);
        }
    }

    private IResult Answer(string status, string storage, int code) =>
        Results.Json(
            new
            {
                status,
                version,
                commit,
                storage,
            },
            statusCode: code
        );
}
