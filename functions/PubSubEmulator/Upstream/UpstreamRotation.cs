namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// Upstreams that take turns, per event, as instances behind a load balancer do. Every further attempt to deliver an event goes
/// to the next one, so that an instance that is gone costs an event no more than one attempt.
/// </summary>
internal sealed class UpstreamRotation(IReadOnlyList<IUpstream> upstreams) : IUpstream, IDisposable
{
    private uint turn = uint.MaxValue;

    /// <inheritdoc/>
    public Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upstreamEvent);
        var place = upstreamEvent.LastUpstream is { } last
            ? (last + 1) % upstreams.Count
            : (int)(Interlocked.Increment(ref turn) % (uint)upstreams.Count);
        upstreamEvent.LastUpstream = place;
        return upstreams[place].SendAsync(upstreamEvent, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var upstream in upstreams.OfType<IDisposable>())
        {
            upstream.Dispose();
        }
    }
}
