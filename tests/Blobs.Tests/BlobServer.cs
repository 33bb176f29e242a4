using ServerlessSync.Support.Emulator;

namespace ServerlessSync.Blobs.Tests;

/// <summary>The emulator of a test class, with a container.</summary>
public sealed class BlobServer : IAsyncLifetime
{
    public const string ContainerName = "archives";

    private AzuriteFixture? fixture;
    private AzureArchiveContainer? container;

    /// <summary>A container on the emulator; skips the test where there is none.</summary>
    public AzureArchiveContainer Container
    {
        get
        {
            Assert.SkipWhen(fixture?.Unavailable is not null, fixture?.Unavailable ?? string.Empty);
            return container!;
        }
    }

    public string ConnectionString => fixture!.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        fixture = await AzuriteFixture.StartAsync(AzuriteService.Blob, token);
        if (fixture.Unavailable is null)
        {
            container = AzureArchiveContainer.FromConnectionString(fixture.ConnectionString, ContainerName);
            await container.EnsureContainerAsync(token);
        }
    }

    public ValueTask DisposeAsync() => fixture?.DisposeAsync() ?? ValueTask.CompletedTask;
}
