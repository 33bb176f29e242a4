namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>The outcome of one attempt to deliver an event.</summary>
public abstract record UpstreamReply
{
    private UpstreamReply() { }

    /// <summary>Whether a retry may help: for 408, 5xx and connection errors, but not for 429 and time-outs (measured).</summary>
    public abstract bool MayBeRetried { get; }

    /// <summary>The event handler answered.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="ContentType">The media type without parameters, lower case; null when absent.</param>
    /// <param name="Body">The body, at most <see cref="PubSubLimits.ConnectReplyBytesMax"/> bytes; to become a frame, at most <see cref="PubSubLimits.MessageBytesMax"/>.</param>
    /// <param name="State">The header <c>ce-connectionState</c>; null when absent, which leaves the state
    /// unchanged.</param>
    public sealed record Answered(int Status, string? ContentType, ReadOnlyMemory<byte> Body, string? State)
        : UpstreamReply
    {
        /// <summary>Whether the event was accepted.</summary>
        public bool IsSuccess => Status is >= 200 and <= 299;

        /// <inheritdoc/>
        public override bool MayBeRetried => Status is 408 or (>= 500 and <= 599);
    }

    /// <summary>There was no response, or an unusable one.</summary>
    /// <param name="Detail">The failure, for the log.</param>
    /// <param name="IsTransient">Whether a retry may help.</param>
    public sealed record Failed(string Detail, bool IsTransient) : UpstreamReply
    {
        /// <inheritdoc/>
        public override bool MayBeRetried => IsTransient;
    }
}
