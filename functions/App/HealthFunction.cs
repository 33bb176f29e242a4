using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Api.Http;

namespace ServerlessSync.App;

/// <summary>Says whether this instance can work.</summary>
public sealed class HealthFunction(HealthEndpoint health)
{
    /// <summary>Anonymous: probes of platforms and deployments carry no token.</summary>
    [Function("health")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = ApiRoutes.Health)] HttpRequest request
    ) => Written.ByAsync(health.HandleAsync, request);
}
