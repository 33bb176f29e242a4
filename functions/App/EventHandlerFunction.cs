using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.App;

/// <summary>
/// Where Web PubSub delivers events. Anonymous for the host, because the endpoint itself checks the caller's token: a function key would
/// have to be copied into the hub's settings after the first deployment.
/// </summary>
public sealed class EventHandlerFunction(EventEndpoint events)
{
    /// <summary><c>OPTIONS</c> is the service's handshake before it sends anything (abuse protection).</summary>
    [Function("eventhandler")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = EventRoute.BelowPrefix)] HttpRequest request,
        CancellationToken cancellationToken
    ) => Written.ByAsync(context => events.HandleAsync(context, cancellationToken), request);
}
