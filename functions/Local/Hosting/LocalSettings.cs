using ServerlessSync.Composition.Settings;
using ServerlessSync.PubSubEmulator;

namespace ServerlessSync.Local.Hosting;

/// <summary>
/// The product's settings on a developer's machine: the command line overrides the <c>Sync__…</c> environment variables.
/// </summary>
internal static class LocalSettings
{
    /// <summary>Reads and checks them as the Function App does.</summary>
    public static SettingsResult Read(LocalOptions options, IConfiguration environment) =>
        SettingsReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("Sync:AllowAnonymous", "true"), new("Sync:Administrators:0", "*")])
                .AddConfiguration(environment)
                .AddInMemoryCollection(
                    [
                        // The embedded store is passed in already open; its name only satisfies the check of the settings.
                        new("Sync:Tables:ConnectionString", options.Storage),
                        new("Sync:Tables:Endpoint", null),
                        new("Sync:WebPubSub:ConnectionString", LocalHost.ConnectionString(options.Emulator)),
                        new("Sync:WebPubSub:Endpoint", null),
                        new("Sync:WebPubSub:Hub", PubSubOptions.HubDefault),
                        .. options.AllowedOrigins.Select(static (origin, index) => KeyValuePair.Create($"Sync:AllowedOrigins:{index}", (string?)origin)),
                        .. options.NoLimits ? [new("Sync:Limits:Enabled", "false")] : (KeyValuePair<string, string?>[])[],
                    ]
                )
                .Build()
        );
}
