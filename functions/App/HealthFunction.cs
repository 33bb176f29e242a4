using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Api.Http;

namespace ServerlessSync.App;

/// <summary>Reports whether this instance can work.</summary>
public sealed class HealthFunction(HealthEndpoint health)
{
    /// <summary>Anonymous, because the probes of platforms and deployments carry no token.</summary>
    [Function("health")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "options", Route = ApiRoutes.Health)] HttpRequest request
    ) => EndpointAdapter.InvokeAsync(health.HandleAsync, request);
}
