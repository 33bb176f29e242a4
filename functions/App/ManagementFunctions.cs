using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Api.Http;

namespace ServerlessSync.App;

/// <summary>
/// The HTTP API for users. Anonymous for the host, because the endpoints check the caller's token themselves.
/// <c>OPTIONS</c> is the preflight of browsers, which the host leaves to the app as long as its own list of origins is empty.
/// </summary>
public sealed class ManagementFunctions(NegotiateEndpoint negotiate, ProjectsEndpoint projects)
{
    /// <summary>Gives the signed-in user the address of a socket.</summary>
    [Function("negotiate")]
    public Task<IActionResult> NegotiateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "options", Route = ApiRoutes.Negotiate)] HttpRequest request
    ) => EndpointAdapter.InvokeAsync(negotiate.HandleAsync, request);

    /// <summary>Manages whole projects.</summary>
    [Function("projects")]
    public Task<IActionResult> ProjectsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "delete", "options", Route = ApiRoutes.Projects)] HttpRequest request
    ) => EndpointAdapter.InvokeAsync(projects.HandleAsync, request);
}
