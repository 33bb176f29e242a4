namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>Delivers events to the event handler.</summary>
public interface IUpstream
{
    /// <summary>
    /// Makes one attempt to deliver an event; <see cref="UpstreamDelivery"/> decides about retries. Every failure on the
    /// way is a reply; only cancellation throws.
    /// </summary>
    Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken);
}
