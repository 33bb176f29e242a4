using Microsoft.Extensions.Configuration;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>The settings of a server in a test: those of a laptop, whatever the environment of the test run says.</summary>
internal static class TestSettings
{
    public static SyncSettings Of(LocalOptions options, IConfiguration? environment = null) =>
        Assert.IsType<SettingsResult.Valid>(LocalSettings.Read(options, environment ?? new ConfigurationBuilder().Build())).Settings;
}
