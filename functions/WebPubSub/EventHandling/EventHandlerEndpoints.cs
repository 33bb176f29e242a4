using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Maps the event handler in a web application.</summary>
public static class EventHandlerEndpoints
{
    /// <summary>Maps the handshake and the events to the registered <see cref="EventEndpoint"/>.</summary>
    public static IEndpointConventionBuilder MapEventHandler(
        this IEndpointRouteBuilder endpoints,
        string route = EventRoute.Pattern
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        // Resolved now instead of at the first request, so that an invalid configuration does not start.
        var endpoint = endpoints.ServiceProvider.GetRequiredService<EventEndpoint>();
        return endpoints.MapMethods(
            route,
            [HttpMethods.Options, HttpMethods.Post],
            context => endpoint.HandleAsync(context, context.RequestAborted)
        );
    }
}
