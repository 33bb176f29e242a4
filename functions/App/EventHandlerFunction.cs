using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.App;

/// <summary>
/// Receives the events of Web PubSub. Anonymous for the host, because the endpoint checks the caller's token itself: a
/// function key would have to be copied into the hub's settings after the first deployment.
/// </summary>
public sealed class EventHandlerFunction(EventEndpoint events)
{
    /// <summary><c>OPTIONS</c> is the handshake that the service performs before it sends events (abuse protection).</summary>
    [Function("eventhandler")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = EventRoute.BelowPrefix)] HttpRequest request,
        CancellationToken cancellationToken
    ) => EndpointAdapter.InvokeAsync(context => events.HandleAsync(context, cancellationToken), request);
}
