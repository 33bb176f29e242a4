namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>The way to the event handler.</summary>
public interface IUpstream
{
    /// <summary>
    /// Makes one attempt to deliver an event; <see cref="UpstreamDelivery"/> decides about further ones. Everything that can go
    /// wrong on the way is a reply; only cancellation throws.
    /// </summary>
    Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken);
}
