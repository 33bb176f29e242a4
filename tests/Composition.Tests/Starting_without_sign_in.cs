using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using ServerlessSync.Api.Users;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Composition.Tests;

/// <summary>What an operator learns before sign-in is configured.</summary>
public sealed class Starting_without_sign_in
{
    [Fact]
    public async Task One_warning_at_the_start_names_the_missing_settings()
    {
        var warning = Assert.Single(await WarningsAsync(new HostParts { Store = new MemoryTableStore() }));

        Assert.Contains("501", warning, StringComparison.Ordinal);
        Assert.Contains("Sync__Negotiate__Issuer and Sync__Negotiate__Audience", warning, StringComparison.Ordinal);
        Assert.Contains("SYNC_TOKEN_ISSUER and SYNC_TOKEN_AUDIENCE", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_provider_nothing_is_missing() =>
        Assert.Empty(
            await WarningsAsync(
                new HostParts { Store = new MemoryTableStore() },
                new("Sync:Negotiate:Issuer", "https://login.example.com/tenant/v2.0"),
                new("Sync:Negotiate:Audience", "api")
            )
        );

    [Fact]
    public async Task A_host_that_signs_people_in_itself_misses_nothing() =>
        Assert.Empty(await WarningsAsync(new HostParts { Store = new MemoryTableStore(), Users = new DevelopmentUserAuthenticator() }));

    private static async Task<IReadOnlyList<string>> WarningsAsync(HostParts parts, params KeyValuePair<string, string?>[] values)
    {
        var read = SettingsReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    [
                        new("Sync:Tables:ConnectionString", "UseDevelopmentStorage=true"),
                        new("Sync:WebPubSub:ConnectionString", "Endpoint=http://127.0.0.1:8080;AccessKey=0123456789abcdef0123456789abcdef;Version=1.0;"),
                        .. values,
                    ]
                )
                .Build()
        );
        await using var services = new ServiceCollection()
            .AddLogging(static logging => logging.AddFakeLogging())
            .AddServerlessSync(Assert.IsType<SettingsResult.Valid>(read).Settings, parts)
            .BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        return
        [
            .. services
                .GetFakeLogCollector()
                .GetSnapshot()
                .Where(static record => record.Level >= LogLevel.Warning)
                .Select(static record => record.Message),
        ];
    }
}
