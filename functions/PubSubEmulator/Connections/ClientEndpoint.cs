using System.Net.WebSockets;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The endpoint to which browsers connect.</summary>
internal sealed class ClientEndpoint(
    PubSubService service,
    Handshake handshake,
    UpstreamDelivery delivery,
    EventStamp stamp,
    BackgroundWork background,
    TimeProvider time,
    ILogger<ClientEndpoint> logger
)
{
    // The time that a shutdown gives sessions and their last events; well below the 30 s of the host.
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(8);

    private volatile bool isStopping;

    /// <summary>
    /// Serves one client, from its handshake to its end. The hub is the route value or the query parameter <c>hub</c>.
    /// </summary>
    public Task HandleAsync(HttpContext context)
    {
        var running = ServeAsync(context);
        background.Add(running);
        return running;
    }

    /// <summary>Accepts no further clients, closes all connections with 1001, and waits for their end, within a limit.</summary>
    public async Task StopAsync()
    {
        isStopping = true;
        service.Close(new Scope.Hub(), RecipientFilter.None, CloseRequest.GoingAway);
        try
        {
            await background.DrainAsync(DrainWithin, time);
        }
        catch (TimeoutException)
        {
            PubSubLog.DrainIncomplete(logger, DrainWithin);
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (isStopping)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var hub = context.Request.RouteValues["hub"] as string ?? context.Request.Query["hub"].ToString();
        try
        {
            switch (await handshake.DecideAsync(context, hub))
            {
                case HandshakeOutcome.Accepted accepted:
                    await RunAsync(context, accepted.Connection);
                    break;
                case HandshakeOutcome.Refused refused:
                    PubSubLog.HandshakeRefused(logger, refused.Status, refused.Detail);
                    context.Response.StatusCode = refused.Status;
                    break;
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left before the event handler answered, so there is no connection.
        }
    }

    private async Task RunAsync(HttpContext context, ClientConnection connection)
    {
        var session = new ClientSession(connection, service, delivery, stamp, background, time, logger);
        if (isStopping)
        {
            // The connection may have opened just after all connections were closed.
            service.Close(connection, CloseRequest.GoingAway);
        }

        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(connection.Subprotocol);
            await session.RunAsync(socket, new Transport(context), context.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            PubSubLog.ConnectionDropped(logger, connection.Id, exception.Message);
        }
        finally
        {
            // An accepted connect is always followed by disconnected, even when the upgrade failed.
            session.End(CloseRequest.Lost);
        }
    }
}
