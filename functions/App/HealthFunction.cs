using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.App;

/// <summary>Says whether this instance can reach its storage, without which it can do nothing.</summary>
public sealed class HealthFunction(ITableStore store)
{
    /// <summary>The version of the product, without the commit.</summary>
    public static string Version { get; } = typeof(HealthFunction).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>200 when a row can be asked for, 503 when not. Tells strangers nothing else.</summary>
    [Function("health")]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        _ = request;
        try
        {
            await store.GetAsync(TableName.Projects, "health", "health", cancellationToken);
            return new OkObjectResult(new { status = "ok", version = Version });
        }
        catch (StorageException)
        {
            return new ObjectResult(new { status = "storage unavailable", version = Version })
            {
                StatusCode = StatusCodes.Status503ServiceUnavailable,
            };
        }
    }
}
