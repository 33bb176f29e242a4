using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessSync.Api.Http;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Composition;

/// <summary>
/// One instance of the product in a process that runs several. Each instance has its own container, as a Function App
/// process has. Instances share only what <see cref="HostParts"/> passes to each.
/// </summary>
public sealed class SyncInstance : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly List<IHostedService> hosted;

    private SyncInstance(ServiceProvider services)
    {
        this.services = services;
        hosted = [.. services.GetServices<IHostedService>()];
    }

    /// <summary>Handles the events of clients.</summary>
    public IEventHandler Events => services.GetRequiredService<IEventHandler>();

    /// <summary>Handles the events of clients as CloudEvents over HTTP.</summary>
    public EventEndpoint EventEndpoint => services.GetRequiredService<EventEndpoint>();

    /// <summary><c>/api/negotiate</c>.</summary>
    public NegotiateEndpoint Negotiate => services.GetRequiredService<NegotiateEndpoint>();

    /// <summary><c>/api/projects</c>.</summary>
    public ProjectsEndpoint Projects => services.GetRequiredService<ProjectsEndpoint>();

    /// <summary><c>/api/health</c>.</summary>
    public HealthEndpoint Health => services.GetRequiredService<HealthEndpoint>();

    /// <summary>The catalog of projects.</summary>
    public ProjectCatalog Catalog => services.GetRequiredService<ProjectCatalog>();

    /// <summary>The periodic work.</summary>
    public Maintenance Maintenance => services.GetRequiredService<Maintenance>();

    /// <summary>Creates and starts an instance.</summary>
    /// <param name="settings">The settings that <see cref="SettingsReader"/> read.</param>
    /// <param name="parts">The parts that the process supplies.</param>
    /// <param name="host">The container of the process, which provides clock, logging and metrics.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="StorageException">The tables could not be created.</exception>
    public static async Task<SyncInstance> StartAsync(
        SyncSettings settings,
        HostParts parts,
        IServiceProvider host,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(host);
        var collection = new ServiceCollection()
            .AddSingleton(host.GetRequiredService<TimeProvider>())
            .AddSingleton(host.GetRequiredService<ILoggerFactory>())
            .AddSingleton(host.GetRequiredService<IMeterFactory>());
        var instance = new SyncInstance(collection.AddServerlessSync(settings, parts).BuildServiceProvider(validateScopes: true));
        foreach (var service in instance.hosted)
        {
            await service.StartAsync(cancellationToken);
        }

        return instance;
    }

    /// <summary>Publishes committed revisions and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var service in hosted)
        {
            await service.StopAsync(CancellationToken.None);
        }

        await services.DisposeAsync();
    }
}
