using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>How the event handler authenticates its callers. With both ways configured, either is sufficient.</summary>
public sealed class CallerAuthenticationOptions
{
    /// <summary>Access keys of the resource; at most <see cref="AccessKeyCallerAuthenticator.KeysMax"/>.</summary>
    public IReadOnlyList<AccessKey> AccessKeys { get; init; } = [];

    /// <summary>The token of the resource's managed identity; null when it presents none.</summary>
    public EntraCallerOptions? Entra { get; init; }

    /// <summary>
    /// Whether to start with neither check and accept every caller. For a development machine only. Has no effect when a
    /// check is configured.
    /// </summary>
    public bool AllowAnyCaller { get; init; }

    /// <summary>Refuses a configuration that would leave the event handler open.</summary>
    /// <exception cref="InvalidOperationException">
    /// Neither keys nor Entra ids, or an incomplete set; the message says what to set.
    /// </exception>
    public void ThrowIfUnsafe()
    {
        Entra?.ThrowIfIncomplete();
        if (AccessKeys.Count == 0 && Entra is null && !AllowAnyCaller)
        {
            throw new InvalidOperationException(
                "The event handler cannot authenticate Web PubSub: configure the Entra ids of its managed identity or an access key."
            );
        }
    }
}
