namespace ServerlessSync.WebPubSub.Callers;

/// <summary>The Entra token that the Web PubSub resource presents. The deployment knows all three GUIDs.</summary>
/// <param name="Tenant">The tenant that issues the token.</param>
/// <param name="Audience">
/// The client id of the app registration that represents the event handler. The hub's setting
/// <c>auth.managedIdentity.resource</c> is this id, optionally prefixed by <c>api://</c>.
/// </param>
/// <param name="Caller">The object (principal) id of the managed identity of the Web PubSub resource.</param>
public sealed record EntraCallerOptions(Guid Tenant, Guid Audience, Guid Caller)
{
    /// <summary>Where Entra publishes the tenant's signing keys.</summary>
    public string MetadataAddress =>
        $"https://login.microsoftonline.com/{Tenant:D}/v2.0/.well-known/openid-configuration";

    /// <summary>Issuers of v1 tokens (the default of an app registration) and of v2 tokens.</summary>
    public IReadOnlyList<string> Issuers =>
        [$"https://sts.windows.net/{Tenant:D}/", $"https://login.microsoftonline.com/{Tenant:D}/v2.0"];

    /// <summary>Both forms of the audience.</summary>
    public IReadOnlyList<string> Audiences => [$"{Audience:D}", $"api://{Audience:D}"];

    /// <exception cref="InvalidOperationException">
    /// One of the three is the empty GUID; the message names it.
    /// </exception>
    internal void ThrowIfIncomplete()
    {
        foreach (var (name, value) in new[] { ("tenant", Tenant), ("audience", Audience), ("caller", Caller) })
        {
            if (value == Guid.Empty)
            {
                throw new InvalidOperationException(
                    $"The Entra check of the event handler's callers has no {name} id."
                );
            }
        }
    }
}
