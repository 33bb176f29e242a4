using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerlessSync.Core.Model;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.Local.InProcess;

/// <summary>Connects the Web PubSub emulator to event handlers in the same process, without HTTP.</summary>
public static class InProcessExtensions
{
    /// <summary>
    /// Registers <see cref="InProcessGateway"/>, and delivers events to the registered <see cref="IEventHandler"/>s in
    /// turn, or discards them when there is none. Call it before registering the emulator, whose default upstream discards
    /// events.
    /// </summary>
    public static IServiceCollection AddInProcessDelivery(this IServiceCollection services)
    {
        services.TryAddSingleton<InProcessGateway>();
        services.TryAddSingleton(CreateUpstream);
        return services;
    }

    private static IUpstream CreateUpstream(IServiceProvider services)
    {
        IReadOnlyList<IEventHandler> handlers = [.. services.GetServices<IEventHandler>()];
        return handlers.Count == 0
            ? new NoUpstream()
            : new InProcessUpstream(handlers, services.GetRequiredService<ILogger<InProcessUpstream>>());
    }
}
