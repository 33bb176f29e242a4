using ServerlessSync.Composition.Settings;
using ServerlessSync.PubSubEmulator;

namespace ServerlessSync.Local.Hosting;

/// <summary>The product's settings on a laptop: what the command line decides, over the <c>Sync__…</c> variables of the environment.</summary>
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
                        // An embedded store is handed over as an open part; its address only completes the settings.
                        new("Sync:Tables:ConnectionString", options.Storage),
                        new("Sync:Tables:Endpoint", null),
                        new("Sync:WebPubSub:ConnectionString", LocalHost.ConnectionString(options.StandIn)),
                        new("Sync:WebPubSub:Endpoint", null),
                        new("Sync:WebPubSub:Hub", PubSubOptions.HubDefault),
                        .. options.NoLimits ? [new("Sync:Limits:Enabled", "false")] : (KeyValuePair<string, string?>[])[],
                    ]
                )
                .Build()
        );
}
