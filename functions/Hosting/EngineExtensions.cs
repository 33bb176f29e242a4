using Microsoft.Extensions.DependencyInjection;
using ServerlessSync.Core.Events;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Sweeping;

namespace ServerlessSync.Hosting;

/// <summary>Puts the engine together.</summary>
public static class EngineExtensions
{
    /// <summary>
    /// Adds everything of <c>Core</c> that a host calls: event handler, office, sweep, compaction, presence. Store, gateway, dialect, ids,
    /// clock and observers are the host's to add.
    /// </summary>
    public static IServiceCollection AddSyncEngine(this IServiceCollection services, SyncOptions options, RetentionOptions retention)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(options);
        services.AddSingleton(retention);
        services.AddSingleton(new SequencerOptions());
        services.AddSingleton<SyncServices>();
        services.AddSingleton<SequencerRegistry>();
        services.AddSingleton(new SweepOptions());
        services.AddSingleton<Sweeper>();
        services.AddSingleton<Compactor>();
        services.AddSingleton<ProjectCatalog>();
        services.AddSingleton<ProjectOffice>();
        services.AddSingleton(PresenceScope.Everyone);
        services.AddSingleton(new PresenceOptions());
        services.AddSingleton<PresenceBook>();
        services.AddSingleton<IPresence>(static provider => provider.GetRequiredService<PresenceBook>());
        services.AddSingleton<IEventHandler, SyncEventHandler>();
        return services;
    }
}
