using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Api.Http;

namespace ServerlessSync.App;

/// <summary>The HTTP API for people. Anonymous for the host, because the endpoints check the caller's token themselves.</summary>
public sealed class ManagementFunctions(NegotiateEndpoint negotiate, ProjectsEndpoint projects)
{
    /// <summary>The address of a socket for the person who is signed in.</summary>
    [Function("negotiate")]
    public Task<IActionResult> NegotiateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = ApiRoutes.Negotiate)] HttpRequest request
    ) => Written.ByAsync(negotiate.HandleAsync, request);

    /// <summary>Whole projects.</summary>
    [Function("projects")]
    public Task<IActionResult> ProjectsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "delete", Route = ApiRoutes.Projects)] HttpRequest request
    ) => Written.ByAsync(projects.HandleAsync, request);
}
