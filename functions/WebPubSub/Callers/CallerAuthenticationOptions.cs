using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>By what the event handler knows its callers. With both ways configured, either is enough.</summary>
public sealed class CallerAuthenticationOptions
{
    /// <summary>Access keys of the resource; at most <see cref="AccessKeyCallerAuthenticator.KeysMax"/>.</summary>
    public IReadOnlyList<AccessKey> AccessKeys { get; init; } = [];

    /// <summary>The token of the resource's managed identity; null when it presents none.</summary>
    public EntraCallerOptions? Entra { get; init; }

    /// <summary>
    /// Whether a configuration with neither may start, and then accept everybody. For a development machine only.
    /// Changes nothing when a check is configured.
    /// </summary>
    public bool AllowAnyCaller { get; init; }

    /// <summary>Refuses what would leave the event handler open.</summary>
    /// <exception cref="InvalidOperationException">
    /// Neither keys nor Entra ids, or an incomplete set; the message says what to set.
    /// </exception>
    public void ThrowIfUnsafe()
    {
        Entra?.ThrowIfIncomplete();
        if (AccessKeys.Count == 0 && Entra is null && !AllowAnyCaller)
        {
            throw new InvalidOperationException(
                "Nothing tells Web PubSub from a stranger: configure the Entra ids of its managed identity or an access key."
            );
        }
    }
}
