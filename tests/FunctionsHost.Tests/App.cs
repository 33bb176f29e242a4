using ServerlessSync.FunctionsHost;
using ServerlessSync.FunctionsHost.Tests;
using ServerlessSync.Support;
using ServerlessSync.Support.Emulator;

[assembly: AssemblyFixture(typeof(App))]

namespace ServerlessSync.FunctionsHost.Tests;

/// <summary>The Function App on a table account of the emulator. Both are started when the first test asks for them.</summary>
public sealed class App : IAsyncDisposable
{
    /// <summary>Of the length that the product wants.</summary>
    public const string Key = "a-key-of-the-tests-that-guards-nothing";

    /// <summary>A Web PubSub resource that these tests never call.</summary>
    public const string Service = "127.0.0.1:9";

    private readonly Once<AzuriteFixture> azurite = new(static () => AzuriteFixture.StartAsync(CancellationToken.None));
    private readonly Once<WorkerHost> shared;

    public App() => shared = new Once<WorkerHost>(StartAsync);

    /// <summary>A host for all tests that do not end it.</summary>
    public async Task<WorkerHost> HostAsync()
    {
        await SkipWithoutTablesAsync();
        return await shared.GetAsync();
    }

    /// <summary>Another host of the same app on the same tables, for a test that ends it.</summary>
    public async Task<WorkerHost> StartAsync()
    {
        var tables = await SkipWithoutTablesAsync();
        return await WorkerHost.StartAsync(
            new WorkerHostOptions { Settings = Settings(tables), RunsTimers = false, Output = static line => TestContext.Current.SendDiagnosticMessage(line.Text) },
            CancellationToken.None
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (shared.IsThere)
        {
            await (await shared.GetAsync()).DisposeAsync();
        }

        if (azurite.IsThere)
        {
            await (await azurite.GetAsync()).DisposeAsync();
        }
    }

    /// <summary>App settings of a development machine, but for one.</summary>
    public static IReadOnlyDictionary<string, string> Settings(string tables, string? without = null) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["Sync__Tables__ConnectionString"] = tables,
            ["Sync__WebPubSub__ConnectionString"] = $"Endpoint=http://{Service};AccessKey={Key};Version=1.0;",
            ["Sync__AllowAnonymous"] = "true",
        }
            .Where(setting => !string.Equals(setting.Key, without, StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

    private async Task<string> SkipWithoutTablesAsync()
    {
        var tables = await azurite.GetAsync();
        Assert.SkipWhen(tables.Unavailable is not null, tables.Unavailable ?? string.Empty);
        return tables.ConnectionString;
    }
}
