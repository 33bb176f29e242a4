using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.Composition.Settings;

/// <summary>The Web PubSub resource, named by an endpoint or a connection string, and its hub.</summary>
public sealed record WebPubSubSettings : SettingsSection
{
    /// <summary><c>https://{name}.webpubsub.azure.com</c>, reached with the identity of the app.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>A Web PubSub connection string. Its key also authenticates the callers of the event handler (<c>ce-signature</c>).</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The hub that clients connect to.</summary>
    public string Hub { get; init; } = "sync";

    internal HubName HubName => HubName.Parse(Hub);

    internal ServiceConnectionString? Connection => ConnectionString is null ? null : ServiceConnectionString.Parse(ConnectionString);

    /// <summary>The service's address, from either setting.</summary>
    internal Uri Address => Connection?.Endpoint ?? Endpoint!;

    internal override IEnumerable<string> Problems(string path) =>
        ServiceAddress
            .Problems(path, Endpoint, ConnectionString)
            .Concat(ProblemOf(path + nameof(Hub), () => _ = HubName))
            .Concat(ProblemOf(path + nameof(ConnectionString), () => _ = Connection));
}
