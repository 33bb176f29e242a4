namespace ServerlessSync.WebPubSub.Callers;

/// <summary>What became of a check of the caller. Reasons are for operators and hold nothing secret.</summary>
public abstract record CallerVerdict
{
    private CallerVerdict() { }

    /// <summary>The caller is our Web PubSub resource.</summary>
    public static CallerVerdict Trusted { get; } = new Accepted();

    /// <summary>The caller is our Web PubSub resource.</summary>
    public sealed record Accepted : CallerVerdict;

    /// <summary>The caller is not, or does not prove it (401). The service drops the client.</summary>
    public sealed record Refused(string Reason) : CallerVerdict;

    /// <summary>It cannot be told now, for want of signing keys (503). The service delivers the event again.</summary>
    public sealed record Unavailable(string Reason) : CallerVerdict;
}
