using ServerlessSync.WebPubSub.Callers;

namespace ServerlessSync.Composition.Settings;

/// <summary>
/// The token that Web PubSub presents to the event handler. Either all three ids are set, or none when an access key
/// authenticates it.
/// </summary>
public sealed record EventHandlerSettings : SettingsSection
{
    /// <summary>The Entra tenant that issues the token.</summary>
    public Guid Tenant { get; init; }

    /// <summary>The client id of the app registration that is the token's audience.</summary>
    public Guid Audience { get; init; }

    /// <summary>The object id of the Web PubSub resource's managed identity.</summary>
    public Guid Caller { get; init; }

    internal EntraCallerOptions? Entra =>
        (Tenant, Audience, Caller) == default ? null : new EntraCallerOptions(Tenant, Audience, Caller);

    internal override IEnumerable<string> Problems(string path)
    {
        (string Name, Guid Value)[] ids = [(nameof(Tenant), Tenant), (nameof(Audience), Audience), (nameof(Caller), Caller)];
        return Entra is null
            ? []
            : ids.Where(static id => id.Value == Guid.Empty).Select(id => $"{path}{id.Name} is not set: the other two ids need it.");
    }
}
