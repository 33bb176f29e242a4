namespace ServerlessSync.WebPubSub.Callers;

/// <summary>The outcome of authenticating a caller. Reasons are for operators and hold no secrets.</summary>
public abstract record CallerVerdict
{
    private CallerVerdict() { }

    /// <summary>The caller is our Web PubSub resource.</summary>
    public static CallerVerdict Trusted { get; } = new Accepted();

    /// <summary>The caller is our Web PubSub resource.</summary>
    public sealed record Accepted : CallerVerdict;

    /// <summary>The caller is not authenticated (401). The service drops the client.</summary>
    public sealed record Refused(string Reason) : CallerVerdict;

    /// <summary>The check is not possible now, because signing keys are missing (503). The service retries the event.</summary>
    public sealed record Unavailable(string Reason) : CallerVerdict;
}
