using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Hosting.Http;

namespace ServerlessSync.App;

/// <summary>The HTTP API for people. Open to the host, because the endpoints check the caller's token themselves.</summary>
public sealed class PeopleFunctions(NegotiateEndpoint negotiate, ProjectsEndpoint projects)
{
    /// <summary>The address of a socket for whoever is signed in.</summary>
    [Function("negotiate")]
    public async Task<IActionResult> NegotiateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = ApiRoutes.Negotiate)] HttpRequest request
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        await negotiate.HandleAsync(request.HttpContext);
        return new EmptyResult();
    }

    /// <summary>Whole projects.</summary>
    [Function("projects")]
    public async Task<IActionResult> ProjectsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "delete", Route = ApiRoutes.Projects)] HttpRequest request
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        await projects.HandleAsync(request.HttpContext);
        return new EmptyResult();
    }
}
