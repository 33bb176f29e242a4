using Microsoft.Extensions.Configuration;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>The settings of a server in a test: those of a developer's machine, whatever the environment of the test run.</summary>
internal static class TestSettings
{
    public static SyncSettings Of(LocalOptions options, IConfiguration? environment = null) =>
        Assert.IsType<SettingsResult.Valid>(LocalSettings.Read(options, environment ?? new ConfigurationBuilder().Build())).Settings;
}
