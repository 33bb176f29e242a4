using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Callers;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// The event handler that the hub calls: the OPTIONS handshake and POSTed CloudEvents. Independent of its host, so that a
/// function and a web application run the same code.
/// </summary>
/// <remarks>
/// Statuses of a POST: 200 and 204 handled; 400 and 413 not a valid event; 401 unknown caller or refused handshake;
/// 403 a page that may not connect; 500 and 503 the service has to retry. For a message, 4xx ends the connection.
/// </remarks>
public sealed class EventEndpoint
{
    private readonly EventEndpointOptions options;
    private readonly ICallerAuthenticator callers;
    private readonly IEventHandler handler;
    private readonly ILogger<EventEndpoint> logger;
    private readonly CallerRefusals refusals;

    /// <summary>Passes the events of authenticated callers to <paramref name="handler"/>.</summary>
    public EventEndpoint(
        EventEndpointOptions options,
        ICallerAuthenticator callers,
        IEventHandler handler,
        ILogger<EventEndpoint> logger,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(callers);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(logger);
        this.options = options;
        this.callers = callers;
        this.handler = handler;
        this.logger = logger;
        refusals = new CallerRefusals(logger, time);
    }

    /// <summary>Handles one request completely. Never throws because of a request; a stopping host answers 503.</summary>
    public async Task HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.RequestAborted);
        try
        {
            if (HttpMethods.IsOptions(context.Request.Method))
            {
                Handshake(context);
            }
            else if (HttpMethods.IsPost(context.Request.Method))
            {
                await HandlePostAsync(context, ending.Token);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                context.Response.Headers.Allow = "OPTIONS, POST";
            }
        }
        catch (Exception exception) when (IsEnding(exception, ending.Token))
        {
            // A caller that disconnected does not see this. When only the host stops, the default answer of 200 would
            // confirm an event that was not handled.
            Fail(context, StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            EventEndpointLog.RequestFailed(logger, exception);
            Fail(context, StatusCodes.Status500InternalServerError);
        }
    }

    private void Handshake(HttpContext context)
    {
        var granted = AbuseProtection.Answer(context, options.ServiceHosts);
        if (logger.IsEnabled(LogLevel.Information))
        {
            var origin = context.Request.Headers["WebHook-Request-Origin"].ToString();
            EventEndpointLog.Handshake(logger, origin[..Math.Min(origin.Length, EventLimits.HeaderCharsMax)], granted);
        }
    }

    private async Task HandlePostAsync(HttpContext context, CancellationToken cancellationToken)
    {
        // Authenticate before reading anything: a stranger costs one hash or one signature check.
        switch (await callers.AuthenticateAsync(context.Request.Headers, cancellationToken))
        {
            case CallerVerdict.Accepted:
                break;
            case CallerVerdict.Unavailable unavailable:
                refusals.NotAuthenticated(unavailable.Reason);
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            case CallerVerdict.Refused refused:
                refusals.Refused(refused.Reason);
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
        }

        var problem = EventHeaders.Read(context.Request.Headers, options.Hub, out var kind, out var origin);
        if (problem is not null || origin is null)
        {
            await RefuseAsync(context, problem, cancellationToken);
            return;
        }

        (problem, var clientEvent) = await ReadAsync(context.Request, kind, origin, cancellationToken);
        if (problem is not null || clientEvent is null)
        {
            await RefuseAsync(context, problem, cancellationToken);
            return;
        }

        await DispatchAsync(context, kind, clientEvent, cancellationToken);
    }

    private async Task<(EventProblem? Problem, ClientEvent? Event)> ReadAsync(
        HttpRequest request,
        EventKind kind,
        EventContext origin,
        CancellationToken cancellationToken
    )
    {
        switch (kind)
        {
            case EventKind.Message:
                // The bytes as received, also for binary frames: the dialect reports over the open socket what it cannot
                // read.
                var (tooLong, frame) = await EventBody.ReadAsync(request, EventLimits.FrameBytesMax, cancellationToken);
                return (tooLong, tooLong is null ? new ClientEvent.Message(origin, frame) : null);
            case EventKind.Connect when options.AllowedOrigins.Count > 0:
                var (problem, body) = await EventBody.ReadAsync(
                    request,
                    EventLimits.ConnectBytesMax,
                    cancellationToken
                );
                return (
                    problem ?? HandshakeOrigin.Check(body, options),
                    new ClientEvent.Connect(origin)
                );
            case EventKind.Connect:
                return (null, new ClientEvent.Connect(origin));
            case EventKind.Connected:
                return (null, new ClientEvent.Connected(origin));
            default:
                return (null, new ClientEvent.Disconnected(origin));
        }
    }

    private async Task DispatchAsync(
        HttpContext context,
        EventKind kind,
        ClientEvent clientEvent,
        CancellationToken cancellationToken
    )
    {
        var (connection, eventId) = (clientEvent.Context.Connection.Value, clientEvent.Context.EventId);
        try
        {
            var reply = await handler.HandleAsync(clientEvent, cancellationToken);
            switch (reply)
            {
                case EventReply.Refused refused:
                    EventEndpointLog.EventRefused(logger, kind, connection, refused.Reason);
                    break;
                case EventReply.Unavailable unavailable:
                    EventEndpointLog.EventPostponed(logger, kind, eventId, connection, unavailable.Reason);
                    break;
            }

            await EventReplyWriter.WriteAsync(context.Response, kind, reply, cancellationToken);
        }
        catch (Exception exception) when (!IsEnding(exception, cancellationToken))
        {
            EventEndpointLog.EventFailed(logger, kind, eventId, connection, exception);
            Fail(context, StatusCodes.Status500InternalServerError);
        }
    }

    private async Task RefuseAsync(HttpContext context, EventProblem? problem, CancellationToken cancellationToken)
    {
        problem ??= new EventProblem(StatusCodes.Status400BadRequest, "The request is not a valid event.");
        EventEndpointLog.InvalidEvent(logger, problem.Status, problem.Message);
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(problem.Message, cancellationToken);
    }

    // A connection that breaks while its body is read causes an I/O error instead of a cancellation.
    private static bool IsEnding(Exception exception, CancellationToken ending) =>
        ending.IsCancellationRequested && (exception is OperationCanceledException or IOException);

    private static void Fail(HttpContext context, int status)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = status;
        }
    }
}
