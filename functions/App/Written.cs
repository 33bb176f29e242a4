using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ServerlessSync.App;

/// <summary>Lets an endpoint write the response. Without a result of the function the worker would report that there is none.</summary>
internal static class Written
{
    public static async Task<IActionResult> ByAsync(RequestDelegate endpoint, HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        await endpoint(request.HttpContext);
        return new EmptyResult();
    }
}
