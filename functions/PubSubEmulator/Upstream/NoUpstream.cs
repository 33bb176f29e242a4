namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// A hub without an event handler: the token alone decides about connections, and a message drops its client
/// (concept-service-internals).
/// </summary>
internal sealed class NoUpstream : IUpstream
{
    private static readonly Task<UpstreamReply> Accepted = Task.FromResult<UpstreamReply>(
        new UpstreamReply.Answered(StatusCodes.Status204NoContent, null, default, null)
    );

    private static readonly Task<UpstreamReply> Unwanted = Task.FromResult<UpstreamReply>(
        new UpstreamReply.Failed("the hub has no event handler", IsTransient: false)
    );

    /// <inheritdoc/>
    public Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken) =>
        upstreamEvent.Kind == UpstreamEventKind.Message ? Unwanted : Accepted;
}
