using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ServerlessSync.Api.Http;

/// <summary>
/// The CORS policy of the HTTP API, the same on every host: answers preflights, and lets the pages of allowed origins read
/// the answers. Part of the endpoints, because in the isolated worker every request, and so every preflight, has to reach a
/// function. Credentials are never allowed: the API reads no cookies.
/// </summary>
public sealed class ApiCors
{
    /// <summary>How long a browser may keep the answer to a preflight: two hours, the most that Chromium keeps it.</summary>
    public static readonly TimeSpan PreflightMaxAge = TimeSpan.FromHours(2);

    private readonly ICorsService cors;
    private readonly CorsPolicy policy;

    /// <summary>Creates the policy.</summary>
    /// <param name="cors">ASP.NET Core's evaluation of policies.</param>
    /// <param name="isAllowed">Whether the pages of an origin, as browsers send it, may call the API.</param>
    public ApiCors(ICorsService cors, Func<string, bool> isAllowed)
    {
        this.cors = cors;
        policy = new CorsPolicyBuilder()
            .SetIsOriginAllowed(isAllowed)
            .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete)
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType)
            .WithExposedHeaders(ProjectsEndpoint.RevisionHeader, HeaderNames.RetryAfter)
            .SetPreflightMaxAge(PreflightMaxAge)
            .Build();
    }

    /// <summary>Answers a preflight with 204; adds the headers of the policy to what the endpoint answers.</summary>
    internal Task ServeAsync(HttpContext context, RequestDelegate endpoint)
    {
        // Also on answers without the headers of the policy: for another page the same address is answered differently.
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        if (context.Request.Headers.Origin.Count == 0)
        {
            return endpoint(context);
        }

        var result = cors.EvaluatePolicy(context, policy);
        result.VaryByOrigin = false;
        cors.ApplyResult(result, context.Response);
        if (!result.IsPreflightRequest)
        {
            return endpoint(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
