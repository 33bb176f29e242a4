using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ServerlessSync.App;

/// <summary>
/// Runs an endpoint that writes the response itself. The empty result keeps the worker from reporting a missing one.
/// </summary>
internal static class EndpointAdapter
{
    public static async Task<IActionResult> InvokeAsync(RequestDelegate endpoint, HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        await endpoint(request.HttpContext);
        return new EmptyResult();
    }
}
