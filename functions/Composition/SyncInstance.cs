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
/// One instance of the product inside a process that holds several, with a container of its own as a Function App process has one.
/// Instances share nothing but what <see cref="HostParts"/> hands to each.
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

    /// <summary>Takes the events of clients.</summary>
    public IEventHandler Events => services.GetRequiredService<IEventHandler>();

    /// <summary>Takes the events of clients as CloudEvents over HTTP.</summary>
    public EventEndpoint EventEndpoint => services.GetRequiredService<EventEndpoint>();

    /// <summary><c>/api/negotiate</c>.</summary>
    public NegotiateEndpoint Negotiate => services.GetRequiredService<NegotiateEndpoint>();

    /// <summary><c>/api/projects</c>.</summary>
    public ProjectsEndpoint Projects => services.GetRequiredService<ProjectsEndpoint>();

    /// <summary><c>/api/health</c>.</summary>
    public HealthEndpoint Health => services.GetRequiredService<HealthEndpoint>();

    /// <summary>The projects there are.</summary>
    public ProjectCatalog Catalog => services.GetRequiredService<ProjectCatalog>();

    /// <summary>The work of the timer.</summary>
    public Maintenance Maintenance => services.GetRequiredService<Maintenance>();

    /// <summary>Builds an instance and starts it.</summary>
    /// <param name="settings">What <see cref="SettingsReader"/> read.</param>
    /// <param name="parts">What the process supplies.</param>
    /// <param name="host">The container of the process: its clock, logging and metrics are used.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="StorageException">The tables cannot be created.</exception>
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

    /// <summary>Publishes what is committed, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var service in hosted)
        {
            await service.StopAsync(CancellationToken.None);
        }

        await services.DisposeAsync();
    }
}
