using ServerlessSync.PubSubEmulator.Connections;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary><c>:send</c> in its four scopes. An unknown receiver is not an error; the response is 202 as usual.</summary>
internal sealed class SendOperations(PubSubService service, TimeProvider time)
{
    /// <summary><c>POST /api/hubs/{hub}/:send</c>.</summary>
    public ValueTask<RestAnswer> ToHubAsync(RestCall call) => SendAsync(call, new Scope.Hub());

    /// <summary><c>POST /api/hubs/{hub}/groups/{group}/:send</c>.</summary>
    public async ValueTask<RestAnswer> ToGroupAsync(RestCall call) =>
        RestCall.TryGroup(call.First, out var problem) ? await SendAsync(call, new Scope.Group(call.First)) : problem;

    /// <summary><c>POST /api/hubs/{hub}/users/{user}/:send</c>.</summary>
    public ValueTask<RestAnswer> ToUserAsync(RestCall call) => SendAsync(call, new Scope.User(call.First));

    /// <summary><c>POST /api/hubs/{hub}/connections/{connection}/:send</c>.</summary>
    public ValueTask<RestAnswer> ToConnectionAsync(RestCall call) => SendAsync(call, new Scope.Connection(call.First));

    private async ValueTask<RestAnswer> SendAsync(RestCall call, Scope scope)
    {
        if (
            !call.TryReadRecipients(out var recipients, out var problem)
            || !call.TryNumber("messageTtlSeconds", 0, 0, PubSubLimits.MessageTtlSecondsMax, out var ttl, out problem)
        )
        {
            return problem;
        }

        var (payload, type, unreadable) = await RestBody.ReadPayloadAsync(call);
        if (payload is null || unreadable is not null)
        {
            return unreadable!;
        }

        // 0 means that the message never expires.
        long? expiresAt = ttl == 0 ? null : time.GetTimestamp() + (ttl * time.TimestampFrequency);
        service.Send(scope, recipients, new OutboundFrame(payload, type, expiresAt));
        return RestAnswer.Accepted;
    }
}
