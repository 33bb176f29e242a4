using ServerlessSync.PubSubEmulator.Tokens;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Decides whether a client may connect, and as which user: checks its token first, then asks the event handler.</summary>
internal sealed class Handshake(
    PubSubOptions options,
    PubSubService service,
    ClientCredentials credentials,
    UpstreamDelivery delivery,
    EventStamp stamp
)
{
    /// <summary>The connection, open in the broker; or the status of the refusal.</summary>
    public async Task<HandshakeOutcome> DecideAsync(HttpContext context, string hub)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return new HandshakeOutcome.Refused(StatusCodes.Status400BadRequest, "not a WebSocket request");
        }

        if (!string.Equals(hub, options.Hub, StringComparison.OrdinalIgnoreCase))
        {
            return new HandshakeOutcome.Refused(StatusCodes.Status404NotFound, $"there is no hub '{hub}'");
        }

        var identity = await credentials.CheckAsync(context.Request);
        if (identity is null)
        {
            return new HandshakeOutcome.Refused(StatusCodes.Status401Unauthorized, "the token is missing or invalid");
        }

        if (!PubSubNames.IsUser(identity.UserId) || !identity.Groups.All(PubSubNames.IsGroup))
        {
            return new HandshakeOutcome.Refused(
                StatusCodes.Status400BadRequest,
                "the user id or a group name is invalid"
            );
        }

        var connection = new ClientConnection(options.NewId(), identity.UserId, subprotocol: null, options.Limits);
        return await AskAsync(context, identity, connection);
    }

    private async Task<HandshakeOutcome> AskAsync(
        HttpContext context,
        ClientIdentity identity,
        ClientConnection connection
    )
    {
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        var body = ConnectBody.Of(context.Request, identity, offered);
        var connect = stamp.Create(connection, UpstreamEventKind.Connect, "application/json", body);
        var reply = await delivery.DeliverAsync(connect, context.RequestAborted);
        if (reply is not UpstreamReply.Answered { IsSuccess: true } accepted)
        {
            return Refusal(reply);
        }

        if (
            !ConnectAnswer.TryRead(accepted.Body, out var answer)
            || !PubSubNames.IsUser(answer.UserId)
            || (answer.Subprotocol is not null && !offered.Contains(answer.Subprotocol, StringComparer.Ordinal))
        )
        {
            return new HandshakeOutcome.Refused(
                StatusCodes.Status500InternalServerError,
                "the response to connect is invalid"
            );
        }

        connection.UserId =
            answer.UserId is null ? identity.UserId
            : answer.UserId.Length == 0 ? null
            : answer.UserId;
        if (identity.IsAnonymous && connection.UserId is null)
        {
            // Neither the claims nor the response name a user, and there is no token that represents one
            // (reference-cloud-events).
            return new HandshakeOutcome.Refused(
                StatusCodes.Status401Unauthorized,
                "the anonymous client was given no user id"
            );
        }

        connection.Subprotocol = answer.Subprotocol;
        connection.State = accepted.State;
        connection.Permissions.GrantRoles(answer.Roles ?? identity.Roles);
        return service.TryOpen(connection, answer.Groups ?? identity.Groups)
            ? new HandshakeOutcome.Accepted(connection)
            : new HandshakeOutcome.Refused(StatusCodes.Status429TooManyRequests, "there are too many connections");
    }

    private static HandshakeOutcome.Refused Refusal(UpstreamReply reply) =>
        reply is UpstreamReply.Answered { Status: >= 400 and <= 499 } refused
            ? new HandshakeOutcome.Refused(refused.Status, "the event handler refused")
            : new HandshakeOutcome.Refused(StatusCodes.Status500InternalServerError, "the event handler failed");
}
