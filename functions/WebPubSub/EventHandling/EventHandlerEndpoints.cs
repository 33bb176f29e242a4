using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Puts the event handler into a web application.</summary>
public static class EventHandlerEndpoints
{
    /// <summary>Maps the handshake and the events to the <see cref="EventEndpoint"/> of the container.</summary>
    public static IEndpointConventionBuilder MapEventHandler(
        this IEndpointRouteBuilder endpoints,
        string route = EventRoute.Pattern
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        // Now and not at the first request, so that a bad configuration does not start.
        var endpoint = endpoints.ServiceProvider.GetRequiredService<EventEndpoint>();
        return endpoints.MapMethods(
            route,
            [HttpMethods.Options, HttpMethods.Post],
            context => endpoint.HandleAsync(context, context.RequestAborted)
        );
    }
}
