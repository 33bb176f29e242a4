namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// Delivers events with the retries of the service: 1, 3 and 5 s after failed attempts, at most four attempts in all
/// (measured).
/// </summary>
public sealed class UpstreamDelivery(IUpstream upstream, TimeProvider time, ILogger<UpstreamDelivery> logger)
{
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(3),
        TimeSpan.FromSeconds(5),
    ];

    /// <summary>The reply of the first attempt that must not be retried, or of the last one.</summary>
    public async Task<UpstreamReply> DeliverAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upstreamEvent);
        for (var attempt = 0; ; attempt++)
        {
            var reply = await upstream.SendAsync(upstreamEvent, cancellationToken);
            if (reply is UpstreamReply.Answered { IsSuccess: true })
            {
                return reply;
            }

            PubSubLog.AttemptFailed(
                logger,
                upstreamEvent.ConnectionId,
                upstreamEvent.Name,
                upstreamEvent.EventId,
                attempt + 1,
                reply is UpstreamReply.Answered answered
                    ? $"status {answered.Status}"
                    : ((UpstreamReply.Failed)reply).Detail
            );
            if (!reply.MayBeRetried || attempt == Pauses.Length)
            {
                return reply;
            }

            await Task.Delay(Pauses[attempt], time, cancellationToken);
        }
    }
}
