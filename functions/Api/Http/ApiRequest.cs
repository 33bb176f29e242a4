using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Http;

/// <summary>A request of an authenticated user.</summary>
internal sealed record ApiRequest(HttpContext Context, string User, CancellationToken Aborted)
{
    public bool Is(string method) => HttpMethods.Equals(Context.Request.Method, method);
}
