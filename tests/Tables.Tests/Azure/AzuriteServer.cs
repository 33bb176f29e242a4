using ServerlessSync.Support.Emulator;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.Tables.Tests.Azure;

/// <summary>The emulator of a test class, with its tables created.</summary>
public sealed class AzuriteServer : IAsyncLifetime
{
    private AzuriteFixture? fixture;
    private AzureTableStore? store;

    /// <summary>A store on the emulator; skips the test when there is none.</summary>
    public AzureTableStore Store
    {
        get
        {
            Assert.SkipWhen(fixture?.Unavailable is not null, fixture?.Unavailable ?? string.Empty);
            return store!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        fixture = await AzuriteFixture.StartAsync(token);
        if (fixture.Unavailable is null)
        {
            store = AzureTableStore.FromConnectionString(fixture.ConnectionString);
            await store.EnsureTablesAsync(token);
        }
    }

    public ValueTask DisposeAsync() => fixture?.DisposeAsync() ?? ValueTask.CompletedTask;
}
