namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// Alternates between upstreams per event, as a load balancer does between instances. Each retry of an event goes to the
/// next upstream, so that a failed instance costs an event at most one attempt.
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
