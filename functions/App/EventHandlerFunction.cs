using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.App;

/// <summary>
/// Where Web PubSub delivers events. Open to the host, because the caller's token is checked by the endpoint itself: a function
/// key would have to be copied into the hub's settings after the first deployment.
/// </summary>
public sealed class EventHandlerFunction(EventEndpoint endpoint)
{
    /// <summary><c>OPTIONS</c> is the service's handshake before it sends anything (abuse protection).</summary>
    [Function("eventhandler")]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = EventRoute.BelowPrefix)] HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        await endpoint.HandleAsync(request.HttpContext, cancellationToken);
        // The endpoint has written the answer; without a result the worker would report that there is none.
        return new EmptyResult();
    }
}
